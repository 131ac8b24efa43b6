// Repair: the owner of values sees that all its holders have them.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {
// A copy that no owner has confirmed for so many periods has been left behind by changes of the ring.
constexpr int periods_until_orphaned = 3;
// Repair runs in quick succession after a change, before the ordinary period suffices again.
constexpr std::uint32_t hurried_runs = 8;
}  // namespace

// The neighbours changed, and with them the holders of the own values or the values that are owned. What holders have
// said counts no more, nor does what they may yet answer to earlier questions.
void Node::placement_changed(Environment& environment) {
  if (!cold_state_) return;
  Store& store = cold_state_->store;
  ++store.placement;
  store.alike = store.peers_informed = 0;
  store.hurry = 0;
  std::erase_if(store.comparisons,
                [](const Comparison& comparison) { return comparison.purpose == Offer::Purpose::hold; });
  note_owned_range(environment.now());
  seek_repair(environment);
}

// A node without values has nothing to compare, unless others hold what it has yet to learn of.
bool Node::has_to_repair() const noexcept {
  return cold_state_ && (!cold_state_->store.values.empty() || !cold_state_->store.knowledge.informed);
}

void Node::seek_repair(Environment& environment) {
  if (has_to_repair()) hasten_repair(environment);
}

void Node::hasten_repair(Environment& environment) {
  Store& store = cold_state_->store;
  if (!is_member() || options_->repair_period <= Duration{0} || is_repair_hastened(environment.now())) return;
  const auto soon = static_cast<std::uint64_t>(options_->rpc_timeout.count());
  const Duration delay{static_cast<std::int64_t>(environment.draw_below(draw_hurry, soon))};
  store.hastened = environment.now() + delay;
  environment.set_timer(repair_timer, delay);
}

// Holders that are not known to be alike are compared with; all of them once in a period.
void Node::repair(Environment& environment) {
  if (!is_member() || !has_to_repair()) return;
  bury_values(environment);
  if (!knows_own_range()) return;  // what is owned is not known just now
  Store& store = cold_state_->store;
  const Time now = environment.now();
  if (store.compared == Time::min() || now - store.compared >= options_->repair_period / 2) {
    store.compared = now;
    store.alike = store.peers_informed = 0;
  }
  disown_confirmations();
  const std::vector<Contact> holders(replica_holders().begin(), replica_holders().end());
  const std::uint32_t all = (1u << holders.size()) - 1;
  for (std::size_t place = 0; place < holders.size(); ++place)
    if ((store.alike >> place & 1) == 0)
      start_comparison(environment, holders[place], Offer::Purpose::hold, own_range());
  note_informed(environment);
  discard_superseded(environment);
  const bool gives_up = give_up_values(environment);
  if ((store.alike & all) == all && store.knowledge.informed && !gives_up) {
    store.hurry = 0;
  } else if (store.hurry < hurried_runs) {
    ++store.hurry;
    environment.set_timer(repair_timer, std::min(options_->repair_period, backoff(store.hurry)));
  }
}

// Nobody confirms to an owner what it holds: when another one takes a key over, the old owner's copy is an orphan at
// once, and offered to the new one.
void Node::disown_confirmations() {
  for_each_in(cold_state_->store.values, own_range(), [](Key, StoredValue& value) {
    value.confirmed = Time::min();
    return true;
  });
}

bool Node::is_orphan(Time now, Key key, const StoredValue& value) const {
  if (owns_key(key)) return false;
  return value.confirmed == Time::min() || value.confirmed < now - periods_until_orphaned * options_->repair_period;
}

// Before leaving: everything to the next nodes, among which the holders of all of it will be.
void Node::offer_all_values(Environment& environment) {
  const std::size_t count = std::min(table_.successors().size(), options_->replicas);
  const std::vector<Contact> receivers(table_.successors().begin(), table_.successors().begin() + count);
  for (const Contact receiver : receivers)
    start_comparison(environment, receiver, Offer::Purpose::leave, {table_.self(), table_.self()});
}

}  // namespace peerbed::ring
