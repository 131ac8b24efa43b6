// What a node knows of others' processes and of the past of its own keys: whether a neighbour is the process that it
// was, and whether there may be values that it has not heard of.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {

// Whether an incarnation began after the other; they count milliseconds and wrap after 52 days.
bool is_later(std::uint32_t one, std::uint32_t other) noexcept { return static_cast<std::int32_t>(one - other) > 0; }

}  // namespace

// A node of an ideal ring is of incarnation 0; every other process takes the time at which it starts.
void Node::begin_incarnation(const Environment& environment) {
  if (is_member() && !table_.successors().empty()) return;
  incarnation_ = static_cast<std::uint32_t>(clock(environment) >> 20) + 1;
  if (incarnation_ == 0) incarnation_ = 1;
}

std::uint32_t Node::incarnation_of(Contact peer) const noexcept {
  if (!cold_state_) return 0;
  const auto& known = cold_state_->incarnations;
  const auto place = std::find_if(known.begin(), known.end(), [&](const auto& entry) { return entry.peer == peer; });
  return place == known.end() ? 0 : place->incarnation;
}

// A peer that is no longer the process it was may have lost everything, however short its absence was: what it is known
// to hold counts no more. What others say of it may be out of date; `direct` is what it says itself.
void Node::note_incarnation(Environment& environment, Contact peer, std::uint32_t incarnation, bool direct) {
  const std::uint32_t known = incarnation_of(peer);
  const bool is_news = direct || (incarnation != 0 && (known == 0 || is_later(incarnation, known)));
  if (incarnation == known || !is_news) return;
  auto& incarnations = cold_state_.get_or_create().incarnations;
  const auto place = std::find_if(incarnations.begin(), incarnations.end(),
                                  [&](const KnownProcess& entry) { return entry.peer == peer; });
  if (place != incarnations.end()) {
    place->incarnation = incarnation;
  } else {
    std::erase_if(incarnations, [this](const KnownProcess& entry) {
      return std::find(table_.successors().begin(), table_.successors().end(), entry.peer) == table_.successors().end();
    });
    incarnations.push_back({peer, incarnation});
  }
  if (holder_place(peer.address)) placement_changed(environment);
}

void Node::note_incarnations(Environment& environment, Contact peer, const Neighbours& answer) {
  note_incarnation(environment, peer, answer.incarnation, true);
  for (std::size_t i = 0; i < std::min(answer.incarnations.size(), answer.successors.size()); ++i) {
    const Contact successor = answer.successors[i];
    if (std::find(table_.successors().begin(), table_.successors().end(), successor) == table_.successors().end())
      continue;
    note_incarnation(environment, successor, answer.incarnations[i], false);
  }
}

void Node::tell_incarnations(Neighbours& answer) const {
  answer.incarnation = incarnation_;
  if (!cold_state_ || cold_state_->incarnations.empty()) return;
  for (const Contact successor : table_.successors()) answer.incarnations.add(incarnation_of(successor));
}

// A newcomer knows nothing of what was put before.
void Node::begin_uninformed(Environment& environment) {
  Knowledge& knowledge = cold_state_.get_or_create().store.knowledge;
  knowledge.informed = false;
  knowledge.joined = environment.now();
}

// Who owns more keys than before has yet to learn of them, unless their owner has shown it all of them lately. Who owns
// fewer still knows of the others for a while, and hands their values over.
void Node::note_owned_range(Time now) {
  Store& store = cold_state_->store;
  Knowledge& knowledge = store.knowledge;
  if (!table_.predecessor()) return;
  const Key begin = table_.predecessor().key;
  const Key known = known_from(now);
  const bool is_more = begin != known && !between(known, begin, table_.self());
  const Key owned = knowledge.is_bounded ? knowledge.owned_from : table_.self();
  const bool is_less = between(owned, begin, table_.self()) && (knowledge.is_bounded || knowledge.informed);
  if (knowledge.informed && is_more) {
    knowledge.informed = false;
    knowledge.joined = now;
  }
  if (is_less) {
    store.lost_range = {owned, begin};
    store.has_lost_range = true;
    for_each_in(store.values, store.lost_range, [](Key, StoredValue& value) {
      value.confirmed = Time::min();
      return true;
    });
    if (knowledge.informed) {
      knowledge.held_from = known;
      knowledge.held_at = now;
    }
  }
  knowledge.owned_from = begin;
  knowledge.is_bounded = true;
}

// Where the keys begin of which an informed node knows all that was acknowledged.
Key Node::known_from(Time now) const noexcept {
  const Knowledge& knowledge = cold_state_->store.knowledge;
  const bool is_fresh = knowledge.held_at != Time::min() && knowledge.held_at > now - 2 * options_->repair_period;
  if (is_fresh) return knowledge.held_from;
  return knowledge.is_bounded ? knowledge.owned_from : table_.self();
}

bool Node::knows_past_of(const Environment& environment, KeyRange range) const noexcept {
  if (!cold_state_) return true;
  if (!cold_state_->store.knowledge.informed) return false;
  const KeyRange known{known_from(environment.now()), table_.self()};
  if (known.begin == known.end) return true;
  return (range.begin == known.begin || known.contains(range.begin)) && known.contains(range.end) &&
         space().distance(range.begin, table_.self()) >= space().distance(range.end, table_.self());
}

// An informed owner before this node holds just what this node holds of its keys.
void Node::extend_knowledge(const Environment& environment, KeyRange range) {
  if (!cold_state_) return;
  Knowledge& knowledge = cold_state_->store.knowledge;
  const Key known = known_from(environment.now());
  if (!knowledge.informed || known == table_.self() || range.end == table_.self()) return;
  const bool touches = range.end == known || between(known, range.end, table_.self());
  const bool reaches_further = range.begin == known || !between(known, range.begin, table_.self());
  if (!touches || !reaches_further) return;
  knowledge.held_from = range.begin;
  knowledge.held_at = environment.now();
}

// Once all holders hold the same, and knew all, or would have told in the meantime, so does this node.
void Node::note_informed(Environment& environment) {
  Store& store = cold_state_->store;
  if (store.knowledge.informed || !knows_own_range()) return;
  const std::uint32_t all = (1u << replica_holders().size()) - 1;
  const bool had_time = environment.now() - store.knowledge.joined > 2 * options_->repair_period;
  const bool is_told = (store.peers_informed & all) == all || had_time;
  if ((store.alike & all) == all && is_told) store.knowledge.informed = true;
}

}  // namespace peerbed::ring
