#include "protocols/kademlia/storage/store.h"

#include <algorithm>

namespace peerbed::kademlia {

Store::Outcome Store::put(const Options& options, const Id& key, const Stamp& stamp, Bytes bytes, Duration lifetime,
                          Time now, Time replicate_at) {
  if (bytes.size() > maximum_value_size || lifetime <= Duration::zero()) return Outcome::refused;
  const auto known = values_.find(key);
  if (known == values_.end() && values_.size() >= options.maximum_values) return Outcome::refused;
  StoredValue& value = known == values_.end() ? values_[key] : known->second;
  if (stamp < value.stamp && value.expires > now) return Outcome::outdated;
  const Time expires = now + std::min(lifetime, options.value_lifetime);
  schedule(key, value, value.stamp == stamp ? std::max(value.expires, expires) : expires, replicate_at);
  value.stamp = stamp;
  value.bytes.assign(bytes.begin(), bytes.end());
  return Outcome::stored;
}

const StoredValue* Store::find(const Id& key, Time now) const noexcept {
  const auto found = values_.find(key);
  return found == values_.end() || found->second.expires <= now ? nullptr : &found->second;
}

std::optional<Store::Turn> Store::take_turn(Time now, Time next) {
  if (next_turn() > now) return std::nullopt;
  const Id key = agenda_.begin()->second;
  const auto found = values_.find(key);
  if (found->second.expires <= now) {
    agenda_.erase(agenda_.begin());
    values_.erase(found);
    return Turn{key, true};
  }
  schedule(key, found->second, found->second.expires, next);
  return Turn{key, false};
}

void Store::retire(const Id& key) {
  if (const auto found = values_.find(key); found != values_.end())
    schedule(key, found->second, found->second.expires, Time::max());
}

void Store::schedule(const Id& key, StoredValue& value, Time expires, Time replicate_at) {
  agenda_.erase({std::min(value.expires, value.replicate_at), key});
  value.expires = expires;
  value.replicate_at = replicate_at;
  agenda_.emplace(std::min(expires, replicate_at), key);
}

}  // namespace peerbed::kademlia
