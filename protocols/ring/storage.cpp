// Holding values: what an owner and its replicas do with puts, gets and copies.

#include <algorithm>
#include <bit>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {

std::uint64_t checksum_of(Key key, std::uint64_t version, Bytes bytes) noexcept {
  return hash_bytes(bytes, key_of(key.value, version));
}

}  // namespace

bool Node::is_intact(Key key, ValueStamp stamp, Bytes bytes) noexcept {
  return stamp.version > 0 && bytes.size() <= maximum_value_size &&
         stamp.checksum == checksum_of(key, stamp.version, bytes);
}

// The nodes that hold the own values besides this one, or that will, when it has left.
std::span<const Contact> Node::replica_holders() const noexcept {
  const std::size_t count = options_->replicas - (stage_ == Stage::leaving ? 0 : 1);
  return std::span(successors_).first(std::min(successors_.size(), count));
}

// Keeps a copy if it is newer than what is there, on the disk too. Returns what is kept then; nothing when full.
StoredValue* Node::keep(Environment& environment, Key key, ValueStamp stamp, Bytes bytes) {
  auto& values = occasional_.made().store.values;
  auto place = values.find(key);
  if (place == values.end()) {
    if (values.size() >= options_->maximum_values) return nullptr;
    place = values.emplace(key, StoredValue{}).first;
  }
  StoredValue& value = place->second;
  if (stamp <= value.stamp) return &value;
  value.stamp = stamp;
  value.bytes.assign(bytes.begin(), bytes.end());
  value.holders = 0;
  std::byte record[2 * sizeof(std::uint64_t) + maximum_value_size];
  Writer writer(record);
  writer.integer(stamp.version);
  writer.integer(stamp.checksum);
  writer.bytes(bytes);
  environment.write_content(ContentKey{key.value}, writer.written());
  return &value;
}

// A copy that an earlier process left on the disk. Nobody has confirmed it since: repair will find out who owns it.
void Node::on_content(Environment& environment, const ContentReady& ready) {
  if (coursework_) return coursework_->on_content(environment, ready);
  if (!ready.found) return;
  Reader reader(ready.bytes);
  ValueStamp stamp;
  stamp.version = reader.integer<std::uint64_t>();
  stamp.checksum = reader.integer<std::uint64_t>();
  const Bytes bytes = reader.bytes(reader.remaining());
  const Key key{ready.key.value};
  if (!space().contains(key) || !is_intact(key, stamp, bytes)) return environment.erase_content(ready.key);
  keep(environment, key, stamp, bytes);
}

bool Node::is_settled(const StoredValue& value) const noexcept {
  const std::size_t count = replica_holders().size();
  const std::uint32_t all = (1u << count) - 1;
  return count == 0 || (value.placement == occasional_->store.placement && (value.holders & all) == all);
}

void Node::note_holder(Key key, Contact holder) {
  const auto replicas = replica_holders();
  const auto place = std::find(replicas.begin(), replicas.end(), holder);
  Store& store = occasional_->store;
  const auto value = store.values.find(key);
  if (place == replicas.end() || value == store.values.end()) return;
  if (value->second.placement != store.placement) {
    value->second.placement = store.placement;
    value->second.holders = 0;
  }
  value->second.holders |= 1u << (place - replicas.begin());
}

void Node::handle(Environment& environment, Address from, const Put& put) {
  if (!is_member() || !space().contains(put.key) || put.bytes.bytes.size() > maximum_value_size) return;
  const auto answer = [&](PutDone::Outcome outcome) {
    environment.send(from, PutDone{.id = put.id, .outcome = outcome, .stamp = {}});
  };
  if (!owns_key(put.key)) return answer(PutDone::Outcome::not_owner);
  Store& store = occasional_.made().store;
  const auto same = [&](const AcceptedPut& entry) { return entry.id == put.id && entry.asker == from; };
  if (std::any_of(store.accepted.begin(), store.accepted.end(), same)) return;
  if (store.accepted.size() >= maximum_accepted_puts) return answer(PutDone::Outcome::refused);

  const auto present = store.values.find(put.key);
  const bool is_known = present != store.values.end() && ByteView{present->second.bytes} == put.bytes;
  if (!is_known) {
    const std::uint64_t version = present == store.values.end() ? 1 : present->second.stamp.version + 1;
    const ValueStamp stamp{version, checksum_of(put.key, version, put.bytes.bytes)};
    if (!keep(environment, put.key, stamp, put.bytes.bytes)) return answer(PutDone::Outcome::refused);
  }
  const Time deadline = environment.now() + backoff(1);
  store.accepted.push_back({.id = put.id, .asker = from, .key = put.key, .deadline = deadline, .attempts = 1});
  await(environment, deadline);
  replicate(environment, put.key);
  settle_puts(environment, put.key);
}

// Sends the value to those holders that are not known to have it.
void Node::replicate(Environment& environment, Key key) {
  const Store& store = occasional_->store;
  const auto value = store.values.find(key);
  if (value == store.values.end()) return;
  const bool current = value->second.placement == store.placement;
  std::uint32_t place = 1;
  for (const Contact holder : replica_holders()) {
    const bool has_it = current && (value->second.holders & place) != 0;
    if (!has_it) environment.send(holder.address, Replicate{key, value->second.stamp, {value->second.bytes}});
    place <<= 1;
  }
}

void Node::handle(Environment& environment, Address from, const Replicate& copy) {
  if (!is_member() || !space().contains(copy.key) || !is_intact(copy.key, copy.stamp, copy.bytes.bytes)) return;
  StoredValue* value = keep(environment, copy.key, copy.stamp, copy.bytes.bytes);
  if (value != nullptr) {
    value->confirmed = environment.now();
    // An owner that was given what it lacked has to see to the other holders.
    if (owns_key(copy.key) && !is_settled(*value)) hasten_repair(environment);
  }
  environment.send(from, Replicated{copy.key, value != nullptr ? value->stamp : ValueStamp{}});
}

// A holder may have a newer state from an earlier owner: then this put must become newer still, and starts again.
void Node::handle(Environment& environment, Address from, const Replicated& done) {
  if (!occasional_ || !is_member()) return;
  Store& store = occasional_->store;
  const auto found = store.values.find(done.key);
  if (found == store.values.end()) return;
  StoredValue& value = found->second;
  if (done.stamp == value.stamp) {
    const auto holder = std::find_if(successors_.begin(), successors_.end(),
                                     [from](Contact contact) { return contact.address == from; });
    if (holder != successors_.end()) note_holder(done.key, *holder);
    return settle_puts(environment, done.key);
  }
  const auto accepted = std::find_if(store.accepted.begin(), store.accepted.end(),
                                     [&](const AcceptedPut& put) { return put.key == done.key; });
  if (accepted == store.accepted.end() || done.stamp < value.stamp || done.stamp.version == UINT64_MAX) return;
  const std::uint64_t version = done.stamp.version + 1;
  const std::vector<std::byte> bytes = value.bytes;
  keep(environment, done.key, {version, checksum_of(done.key, version, bytes)}, bytes);
  replicate(environment, done.key);
}

// Answers the puts of a key once all its holders have it.
void Node::settle_puts(Environment& environment, Key key) {
  Store& store = occasional_->store;
  if (store.accepted.empty()) return;
  const auto value = store.values.find(key);
  if (value == store.values.end() || !is_settled(value->second)) return;
  std::erase_if(store.accepted, [&](const AcceptedPut& put) {
    if (put.key != key) return false;
    environment.send(put.asker,
                     PutDone{.id = put.id, .outcome = PutDone::Outcome::stored, .stamp = value->second.stamp});
    return true;
  });
}

void Node::handle_overdue_puts(Environment& environment) {
  Store& store = occasional_->store;
  const Time now = environment.now();
  std::vector<Key> settled;
  std::erase_if(store.accepted, [&](AcceptedPut& put) {
    if (put.deadline > now) return false;
    const bool is_owner = is_member() && owns_key(put.key);
    if (!is_owner || put.attempts > 2 * options_->rpc_attempts) {
      const auto outcome = is_owner ? PutDone::Outcome::refused : PutDone::Outcome::not_owner;
      environment.send(put.asker, PutDone{.id = put.id, .outcome = outcome, .stamp = {}});
      return true;
    }
    ++put.attempts;
    put.deadline = now + backoff(put.attempts);
    replicate(environment, put.key);
    settled.push_back(put.key);
    return false;
  });
  // A holder may have gone meanwhile, and those that are left may all have it.
  for (const Key key : settled) settle_puts(environment, key);
}

void Node::handle(Environment& environment, Address from, const Get& get) {
  if (!is_member()) return;
  Value answer{.id = get.id};
  if (occasional_) {
    const auto value = occasional_->store.values.find(get.key);
    if (value != occasional_->store.values.end()) {
      answer.here = true;
      answer.stamp = value->second.stamp;
      answer.bytes = {value->second.bytes};
    }
  }
  environment.send(from, answer);
}

std::optional<ValueStamp> Node::holds(Key key) const {
  if (!occasional_) return std::nullopt;
  const auto value = occasional_->store.values.find(key);
  return value == occasional_->store.values.end() ? std::nullopt : std::optional(value->second.stamp);
}

void Node::for_each_value(const std::function<void(Key, ValueStamp)>& visit) const {
  if (!occasional_) return;
  for (const auto& [key, value] : occasional_->store.values) visit(key, value.stamp);
}

std::size_t Node::value_count() const noexcept { return occasional_ ? occasional_->store.values.size() : 0; }

}  // namespace peerbed::ring
