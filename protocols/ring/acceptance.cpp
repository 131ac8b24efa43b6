// The owner's part of a put: it keeps the value, sends it to the other holders, and answers when all of them have it.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

bool Node::is_settled(const StoredValue& value) const noexcept {
  const std::size_t count = replica_holders().size();
  const std::uint32_t all = (1u << count) - 1;
  return count == 0 || (value.placement == cold_state_->store.placement && (value.holders & all) == all);
}

void Node::note_holder(StoredValue& value, unsigned place) noexcept {
  const std::uint32_t placement = cold_state_->store.placement;
  if (value.placement != placement) {
    value.placement = placement;
    value.holders = 0;
  }
  value.holders |= 1u << place;
}

// A stamp that is ahead of the own clock by more than is allowed is refused, unless it follows one that is here: a
// clock that runs away, or a liar, can push the stamps of a key no further at a time.
bool Node::is_ahead(const Environment& environment, ValueStamp stamp, ValueStamp present) const noexcept {
  const std::uint64_t known = std::max(clock(environment), present.time);
  return stamp.time > known && stamp.time - known > static_cast<std::uint64_t>(options_->maximum_clock_lead.count());
}

void Node::handle(Environment& environment, Address from, const Put& put) {
  if (!is_member() || !space().contains(put.key) || !is_intact(put.key, put.copy)) return;
  const auto answer = [&](PutDone::Outcome outcome, ValueStamp stamp) {
    environment.send(from, PutDone{.id = put.id, .outcome = outcome, .stamp = stamp});
  };
  if (!owns_key(put.key)) return answer(PutDone::Outcome::not_owner, {});
  Store& store = cold_state_.get_or_create().store;
  const ValueStamp stamp = put.copy.state.stamp;
  const ValueStamp present = holds(put.key).value_or(ValueStamp{});
  if (is_ahead(environment, stamp, present)) return answer(PutDone::Outcome::refused, {});

  const bool is_here = present.operation == stamp.operation && stamp <= present;
  if (!is_here && stamp <= present) return answer(PutDone::Outcome::outdated, present);
  const auto same = std::find_if(store.accepted.begin(), store.accepted.end(),
                                 [&](const AcceptedPut& entry) { return entry.id == put.id && entry.asker == from; });
  const bool is_known = same != store.accepted.end();
  if (is_known && is_here) return;
  if (!is_known && store.accepted.size() >= maximum_accepted_puts) return answer(PutDone::Outcome::refused, {});
  if (!is_here && !keep(environment, put.key, put.copy.state, put.copy.bytes.bytes))
    return answer(PutDone::Outcome::refused, {});
  const Time deadline = environment.now() + backoff(1);
  const AcceptedPut entry{.id = put.id,
                          .asker = from,
                          .key = put.key,
                          .stamp = is_here ? present : stamp,
                          .deadline = deadline,
                          .attempts = 1};
  if (is_known) {
    *same = entry;
  } else {
    store.accepted.push_back(entry);
  }
  await(environment, deadline);
  replicate(environment, put.key);
  settle_puts(environment, put.key);
  discard_superseded(environment);
}

// Sends the value to those holders that are not known to have it.
void Node::replicate(Environment& environment, Key key) {
  const Store& store = cold_state_->store;
  const auto place = store.values.find(key);
  if (place == store.values.end()) return;
  const StoredValue& value = place->second;
  const bool current = value.placement == store.placement;
  const Replicate copy{{.placement = store.placement}, key, copy_of(key, value.state, value.bytes)};
  std::uint32_t bit = 1;
  for (const Contact holder : replica_holders()) {
    const bool has_it = current && (value.holders & bit) != 0;
    if (!has_it) environment.send(holder.address, copy);
    bit <<= 1;
  }
}

// An answer to what was asked before the neighbours changed says nothing of those of now: the holder may have lost all
// since. One that holds a newer state sends it by itself.
void Node::handle(Environment& environment, Address from, const Replicated& done) {
  if (!cold_state_ || !is_member()) return;
  Store& store = cold_state_->store;
  const auto found = store.values.find(done.key);
  const auto place = holder_place(from);
  const bool is_current = done.context.placement == store.placement;
  if (found != store.values.end() && place && is_current && done.stamp == found->second.state.stamp) {
    note_holder(found->second, *place);
    settle_puts(environment, done.key);
    discard_superseded(environment);
  }
  if (done.context.question != 0) note_delivery(environment, from, done.context.question);
}

// Answers the puts of a key once all its holders have it. One that was overtaken by a later put while it was under way
// counts as done just before that.
void Node::settle_puts(Environment& environment, Key key) {
  Store& store = cold_state_->store;
  if (store.accepted.empty() || !owns_key(key)) return;
  const auto value = store.values.find(key);
  if (value == store.values.end() || !is_settled(value->second)) return;
  std::erase_if(store.accepted, [&](const AcceptedPut& put) {
    if (put.key != key) return false;
    environment.send(put.asker, PutDone{.id = put.id, .outcome = PutDone::Outcome::stored, .stamp = put.stamp});
    return true;
  });
}

// A newer state came from another node: perhaps it was acknowledged long ago, by a clock that is ahead. Puts that are
// under way have to go above it.
void Node::outdate_puts(Environment& environment, Key key) {
  Store& store = cold_state_->store;
  const ValueStamp present = store.values.at(key).state.stamp;
  std::erase_if(store.accepted, [&](const AcceptedPut& put) {
    if (put.key != key || put.stamp.operation == present.operation) return false;
    environment.send(put.asker, PutDone{.id = put.id, .outcome = PutDone::Outcome::outdated, .stamp = present});
    return true;
  });
}

void Node::handle_overdue_puts(Environment& environment) {
  Store& store = cold_state_->store;
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

}  // namespace peerbed::ring
