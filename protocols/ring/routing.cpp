// Which way a key lies, and recursive finds: forwarded from hop to hop, each hop confirmed and a silent one gone
// around.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {
constexpr std::uint8_t maximum_hops = 255;
}

bool Node::owns_key(Key key) const noexcept {
  return key == self_ || is_alone() || (predecessor_ && between(predecessor_.key, key, self_));
}

// Whether the predecessor was heard of lately.
bool Node::has_fresh_predecessor(Time now) const noexcept {
  return predecessor_ && predecessor_heard_ > now - 2 * options_->stabilize_period - options_->rpc_timeout;
}

// The contact closest before `limit`, which no key between this node and `limit` can be lost by; nobody when none is
// known. Both tables are sorted, and most searches end in their first entries from the back.
Contact Node::closest_preceding(Key limit) const noexcept {
  const KeySpace ring = space();
  const std::uint64_t reach = ring.distance(self_, limit);
  const auto precedes = [&](Contact contact) {
    const std::uint64_t distance = ring.distance(self_, contact.key);
    return reach == 0 || distance < reach;
  };
  Contact closest;
  const auto fingers = fingers_.all();
  const auto finger = std::find_if(fingers.rbegin(), fingers.rend(), precedes);
  if (finger != fingers.rend()) closest = *finger;
  if (closest && !options_->successor_list_as_fingers) return closest;
  const auto successor = std::find_if(successors_.rbegin(), successors_.rend(), precedes);
  if (successor == successors_.rend()) return closest;
  const bool is_closer = !closest || ring.distance(self_, closest.key) < ring.distance(self_, successor->key);
  return is_closer ? *successor : closest;
}

// Whether the key lies before a successor: the first one, or any when all of them are used for routing.
bool Node::knows_owner_of(Key key) const noexcept {
  if (successors_.empty()) return false;
  const Contact last = options_->successor_list_as_fingers ? successors_.back() : successors_.front();
  return owns(self_, key, last.key);
}

// A trail begins at the successors when one of them is known to own the key, else at what precedes the key.
Trail Node::begin_trail(Key key) const noexcept {
  const bool following = knows_owner_of(key);
  return {.limit = following ? self_ : key, .following = following};
}

// The next contact along the trail, nobody at its end.
Node::Step Node::next_step(Key key, Trail& trail) const noexcept {
  while (true) {
    const Contact contact = trail.following ? next_owner(key, trail.limit) : closest_preceding(trail.limit);
    if (contact) {
      trail.limit = contact.key;
      return {contact, trail.following};
    }
    if (trail.turned) return {};
    trail = {.limit = trail.following ? key : self_, .following = !trail.following, .turned = true};
  }
}

// The first successor after `limit` that lies at the key or beyond it.
Contact Node::next_owner(Key key, Key limit) const noexcept {
  const auto may_own = [&](Contact successor) {
    return owns(self_, key, successor.key) && between(limit, successor.key, self_);
  };
  const auto successor = std::find_if(successors_.begin(), successors_.end(), may_own);
  return successor == successors_.end() ? Contact{} : *successor;
}

// Without confirmations a plain lookup costs one message a hop; what must not fail is always confirmed.
bool Node::waits_for_hops(const Find& find) const noexcept {
  return options_->acknowledge_hops || find.purpose != Find::Purpose::lookup;
}

void Node::handle(Environment& environment, Address from, const Find& find) {
  if (!is_member() || !space().contains(find.key) || !find.asker) return;
  if (find.token != 0) environment.send(from, HopTaken{find.token});
  route(environment, find, begin_trail(find.key));
}

void Node::route(Environment& environment, Find find, Trail trail) {
  if (find.purpose == Find::Purpose::join) return answer_join(environment, find);
  if (owns_key(find.key)) return answer_find(environment, find, own_contact(environment), successors_);
  if (find.at_owner) {
    // The sender has not yet heard of a newcomer before this node.
    if (!has_fresh_predecessor(environment.now()))
      return answer_find(environment, find, own_contact(environment), successors_);
    return forward(environment, find, {.limit = self_, .following = true}, {predecessor_, true});
  }
  const Step step = next_step(find.key, trail);
  if (!step.contact) return;  // the asker will try again
  if (step.owner && !waits_for_hops(find)) {
    ++find.hops;  // the hop to the owner, which the predecessor of the key answers for
    return answer_find(environment, find, step.contact, std::span(successors_).subspan(1));
  }
  forward(environment, find, trail, step);
}

void Node::forward(Environment& environment, Find find, Trail trail, Step step) {
  if (find.hops == maximum_hops) return;
  find.at_owner = step.owner;
  ++find.hops;
  find.token = 0;
  if (waits_for_hops(find) && relays_.size() < maximum_relays) {
    find.token = next_id();
    const Time deadline = environment.now() + options_->hop_timeout;
    relays_.push_back({.find = find, .trail = trail, .hop = step.contact, .deadline = deadline, .attempts = 1});
    await(environment, deadline);
  }
  environment.send(step.contact.address, find);
}

void Node::handle(Environment&, Address from, const HopTaken& taken) {
  const auto relay = std::find_if(relays_.begin(), relays_.end(), [&](const Relay& entry) {
    return entry.find.token == taken.token && entry.hop.address == from;
  });
  if (relay == relays_.end()) return;
  *relay = relays_.back();
  relays_.pop_back();
}

void Node::handle_silent_hops(Environment& environment) {
  // An answer to this node itself may begin other finds: an overdue relay leaves the table before it is handled, and
  // what is added is not overdue.
  for (std::size_t i = 0; i < relays_.size();) {
    if (relays_[i].deadline > environment.now()) {
      ++i;
      continue;
    }
    const Relay overdue = relays_[i];
    relays_[i] = relays_.back();
    relays_.pop_back();
    handle_silent_hop(environment, overdue);
  }
}

// Asks the hop again, or goes around it; where nothing else leads on, the find ends here.
void Node::handle_silent_hop(Environment& environment, Relay relay) {
  if (relay.attempts < options_->hop_attempts) {
    ++relay.attempts;
  } else {
    if (options_->forget_silent_fingers) fingers_.remove(relay.hop);
    if (relay.find.timeouts < UINT8_MAX) ++relay.find.timeouts;
    const bool was_predecessor = relay.trail.following && relay.trail.limit == self_;
    const Step step = was_predecessor ? Step{} : next_step(relay.find.key, relay.trail);
    relay.hop = step.contact;
    if (was_predecessor && relay.find.purpose != Find::Purpose::join)  // what it owned is now this node's
      answer_find(environment, relay.find, own_contact(environment), successors_);
    if (!step.contact) return;
    relay.find.at_owner = step.owner;
    relay.find.token = next_id();
    relay.attempts = 1;
  }
  relay.deadline = environment.now() + options_->hop_timeout;
  environment.send(relay.hop.address, relay.find);
  relays_.push_back(relay);
}

void Node::answer_find(Environment& environment, const Find& find, Contact owner, std::span<const Contact> after) {
  Found found{.id = find.id, .hops = find.hops, .timeouts = find.timeouts};
  found.holders.add(owner);
  if (find.purpose == Find::Purpose::holders) {
    for (const Contact contact : after.first(std::min(after.size(), options_->replicas - 1)))
      found.holders.add(contact);
  }
  if (find.asker == environment.self()) return handle(environment, find.asker, found);
  environment.send(find.asker, found);
}

// A join is answered by the member that is to precede the joiner, never by the one after it.
void Node::answer_join(Environment& environment, const Find& find) {
  const auto welcome = [&](bool taken, std::span<const Contact> successors) {
    Welcome answer{.id = find.id, .taken = taken, .member = own_contact(environment)};
    for (const Contact successor : successors) answer.successors.add(successor);
    environment.send(find.asker, answer);
  };
  if (find.key == self_) return welcome(true, {});
  if (successors_.empty()) return welcome(false, {});
  const Contact head = successors_.front();
  // A former process of the joiner's may still be listed: it is no reason to refuse, and no successor to name.
  if (head.key == find.key) return welcome(head.address != find.asker, std::span(successors_).subspan(1));
  if (between(self_, find.key, head.key)) return welcome(false, successors_);
  Trail trail = begin_trail(find.key);
  const bool is_after = predecessor_ && between(predecessor_.key, find.key, self_);
  if (is_after) return forward(environment, find, {.limit = self_, .following = true}, {predecessor_, false});
  const Step step = next_step(find.key, trail);
  if (step.contact && step.contact.address != find.asker) forward(environment, find, trail, step);
}

}  // namespace peerbed::ring
