// Handing over: copies of values that this node is not to hold any more go to their owners, range by range: first to a
// new predecessor, which has just taken its range over, then clockwise round the ring. They are dropped only when their
// owner says that all holders have them.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

// Returns whether there are orphans.
bool Node::give_up_values(Environment& environment) {
  Store& store = cold_state_->store;
  const bool is_any = first_orphan(environment.now(), {table_.self(), table_.self()}).has_value();
  if (!is_any || is_giving_up()) return is_any;
  store.given_up_to = table_.self();
  const bool is_taken_over = store.has_lost_range && table_.predecessor().key == store.lost_range.end;
  store.has_lost_range = false;
  if (is_taken_over) {
    start_comparison(environment, table_.predecessor(), Offer::Purpose::hand_off, store.lost_range);
  } else {
    give_up_next(environment, {});
  }
  return true;
}

bool Node::is_giving_up() const noexcept {
  const auto seeks = [](const PendingLookup& lookup) { return lookup.reason == LookupReason::hand_off; };
  const auto gives_up = [](const Comparison& one) { return one.purpose == Offer::Purpose::hand_off; };
  const auto& comparisons = cold_state_->store.comparisons;
  return std::any_of(lookups_.begin(), lookups_.end(), seeks) ||
         std::any_of(comparisons.begin(), comparisons.end(), gives_up);
}

std::optional<Key> Node::first_orphan(Time now, KeyRange range) const {
  std::optional<Key> first;
  for_each_in(cold_state_->store.values, range, [&](Key key, const StoredValue& value) {
    if (is_orphan(now, key, value)) first = key;
    return !first;
  });
  return first;
}

// One owner is done with. Those that follow are gone through once; values that are not dropped yet have their turn
// again in the next repair run.
void Node::continue_giving_up(Environment& environment, Contact owner, Contact next) {
  Store& store = cold_state_->store;
  if (!is_member() || owner == table_.predecessor()) return;
  if (between(store.given_up_to, owner.key, table_.self())) store.given_up_to = owner.key;
  give_up_next(environment, next);
}

// To `next`, if it is the owner of orphans; else to the owner of the first orphan, which is looked up.
void Node::give_up_next(Environment& environment, Contact next) {
  Store& store = cold_state_->store;
  const auto orphan = first_orphan(environment.now(), {store.given_up_to, table_.self()});
  if (!orphan) return;
  if (next && next.key != table_.self() && owns(store.given_up_to, *orphan, next.key))
    return start_comparison(environment, next, Offer::Purpose::hand_off, {store.given_up_to, next.key});
  start_lookup(environment, *orphan, LookupReason::hand_off, 0);
}

// The owner of the orphan `from` was found.
void Node::hand_off(Environment& environment, Key from, Contact owner) {
  if (!cold_state_ || owner.key == table_.self() || is_giving_up()) return;
  start_comparison(environment, owner, Offer::Purpose::hand_off, {space().wrap(from.value - 1), owner.key});
}

}  // namespace peerbed::ring
