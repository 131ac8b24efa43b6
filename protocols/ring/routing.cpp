// Which way a key lies, and recursive finds: forwarded from hop to hop, each hop confirmed and a silent one gone
// around.
//
// What a find may cost is bounded three times over. Each hop is nearer to the key: clockwise before it, and once past
// it, backwards; so none comes back by itself. A node forwards a find once, whatever copies of it arrive. And copies
// are paid for out of the node's retry budget.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {
// Copies of a find come within a few round trips of one another, or as late as a network holds them back.
constexpr Duration shortest_generation = std::chrono::seconds(4);

// At least one, as 0 means: never.
std::uint32_t to_microseconds(Duration delay) {
  const auto count = std::chrono::ceil<std::chrono::microseconds>(delay).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 1, UINT32_MAX));
}
}  // namespace

// Whether the predecessor was heard of lately.
bool Node::has_fresh_predecessor(Time now) const noexcept {
  return table_.predecessor() && table_.predecessor_heard() > now - 2 * options_->stabilize_period - backoff(1);
}

// A cursor starts at the successors if one of them is known to own the key, otherwise at the contacts that precede the
// key.
RouteCursor Node::begin_route(Key key) const noexcept {
  const bool following = table_.knows_owner_of(*options_, key);
  return {.limit = following ? table_.self() : key, .following = following};
}

// The next contact along the cursor, or none at its end. Late peers come after all others.
Node::Step Node::next_step(Key key, RouteCursor& cursor) const noexcept {
  while (true) {
    const Contact contact =
        cursor.following ? table_.next_owner(key, cursor.limit) : table_.closest_preceding(*options_, cursor.limit);
    if (contact) {
      cursor.limit = contact.key;
      // There is but one owner: another one has to be asked only if it is silent.
      if (is_late(contact, cursor.following) == cursor.late) return {contact, cursor.following};
    } else if (!cursor.turned) {
      cursor.limit = cursor.following ? key : table_.self();
      cursor.following = !cursor.following;
      cursor.turned = true;
    } else if (!cursor.late && hedges()) {
      cursor = begin_route(key);
      cursor.late = true;
    } else {
      return {};
    }
  }
}

// Without confirmations a plain lookup costs one message a hop; what must not fail is always confirmed.
bool Node::waits_for_hops(const Find& find) const noexcept {
  return options_->acknowledge_hops || find.purpose != Find::Purpose::lookup;
}

void Node::handle(Environment& environment, Address from, const Find& find) {
  if (!is_member() || !space().contains(find.key) || !find.asker) return;
  // A node with too many finds in its care takes no more: their senders go around it, or try again later.
  if (relays_.size() >= maximum_relays) return;
  if (find.token != 0) environment.send(from, HopTaken{find.token});
  if (is_new(environment.now(), find)) route(environment, find, begin_route(find.key));
}

bool Node::is_new(Time now, const Find& find) {
  return recent_finds_.note(now, find, [this] { return std::max(shortest_generation, 4 * backoff(1)); });
}

void Node::route(Environment& environment, Find find, RouteCursor cursor) {
  if (find.purpose == Find::Purpose::join) return answer_join(environment, find);
  if (find.purpose == Find::Purpose::introduction) return answer_introduction(environment, find);
  if (find.purpose == Find::Purpose::copies)
    return static_cast<void>(route_to_copies(environment, find, {.limit = find.key, .turned = true}, 0));
  if (owns_key(find.key)) return answer_find(environment, find, own_contact(environment), table_.successors());
  if (find.at_owner) {
    // The sender has not yet heard of a newcomer before this node.
    if (!has_fresh_predecessor(environment.now()))
      return answer_find(environment, find, own_contact(environment), table_.successors());
    return forward(environment, find, {.limit = table_.self(), .following = true}, {table_.predecessor(), true});
  }
  const Step step = next_step(find.key, cursor);
  if (!step.contact) return;  // the asker will try again
  if (step.owner && !waits_for_hops(find)) {
    ++find.hops;  // the hop to the owner, which the predecessor of the key answers for
    return answer_find(environment, find, step.contact, std::span(table_.successors()).subspan(1));
  }
  forward(environment, find, cursor, step);
}

// Whoever knows all holders of a key names them (Dabek et al. 2004), and so does a node that knows nobody closer to the
// key and is not late. Returns false when nothing could be done.
bool Node::route_to_copies(Environment& environment, const Find& find, RouteCursor cursor, unsigned hedges) {
  if (owns_key(find.key)) {
    answer_find(environment, find, own_contact(environment), table_.successors());
    return true;
  }
  const std::span<const Contact> holders = table_.known_holders(find.key);
  const Step step = next_step(find.key, cursor);
  const bool is_closest = !step.contact || cursor.late;
  if (!holders.empty() && (is_closest || holders.size() >= options_->replicas)) {
    answer_find(environment, find, holders.front(), holders.subspan(1));
    return true;
  }
  if (step.contact) forward(environment, find, cursor, step, hedges);
  return static_cast<bool>(step.contact);
}

void Node::forward(Environment& environment, Find find, RouteCursor cursor, Step step, unsigned hedges) {
  if (find.hops >= least_hop_limit && find.hops >= hop_limit()) return;
  set_direction(find, step);
  ++find.hops;
  find.token = 0;
  retry_budget_.earn();
  if (waits_for_hops(find) && relays_.size() < maximum_relays) {
    const Time now = environment.now();
    find.token = next_id();
    Relay relay{.find = find, .cursor = cursor, .hop = step.contact, .asked = now, .attempts = 1};
    relay.deadline = next_deadline(now, step.contact.address, options_->hop_timeout, 1);
    relay.hedges = static_cast<std::uint8_t>(hedges);
    // Of a join and of the owner there is but one way and one: only their death lets another one stand in.
    const bool is_one_of_many = !leads_before_key(find) && !step.owner;
    const Duration delay = hedge_delay();
    if (is_one_of_many && hedges < maximum_hedges && delay < relay.deadline - now)
      relay.hedge_microseconds = to_microseconds(delay);
    await(environment, std::min(relay.deadline, hedge_time(relay)));
    relays_.push_back(relay);
  }
  environment.send(step.contact.address, find);
}

// A join that has been past its key goes past it no more.
void Node::set_direction(Find& find, Step step) noexcept {
  find.at_owner = step.owner || (find.at_owner && leads_before_key(find));
}

void Node::handle(Environment& environment, Address from, const HopTaken& taken) {
  const auto relay = std::find_if(relays_.begin(), relays_.end(), [&](const Relay& entry) {
    return is_same_question(entry.find.token, taken.token) && entry.hop.address == from;
  });
  if (relay == relays_.end()) return rtt_.note_late_answer(from, taken.token, environment.now());
  const Find find = relay->find;
  note_answer(environment, relay->asked, from, taken.token);
  *relay = relays_.back();
  relays_.pop_back();
  if (!hedges()) return;
  // The find is in good hands: none of the other hops that were asked has to be replaced.
  for (Relay& other : relays_) {
    if (other.find.id != find.id || other.find.asker != find.asker) continue;
    other.hedge_microseconds = 0;
    other.hedged = true;
  }
}

void Node::handle_silent_hops(Environment& environment) {
  // An answer to this node itself may begin other finds: an overdue relay leaves the table before it is handled, and
  // what is added is not overdue.
  for (std::size_t i = 0; i < relays_.size();) {
    if (hedge_time(relays_[i]) <= environment.now()) hedge_hop(environment, i);
    if (!is_overdue(environment.now(), relays_[i])) {
      ++i;
      continue;
    }
    const Relay overdue = relays_[i];
    relays_[i] = relays_.back();
    relays_.pop_back();
    handle_silent_hop(environment, overdue);
  }
}

bool Node::is_overdue(Time now, Relay& relay) const noexcept {
  if (relay.deadline > now) return false;
  relay.deadline = extended_deadline(now, relay.asked, relay.hop.address, options_->hop_timeout, relay.attempts);
  return relay.deadline <= now;
}

Time Node::hedge_time(const Relay& relay) const noexcept {
  if (relay.hedge_microseconds == 0) return never;
  return relay.asked + std::chrono::microseconds(relay.hedge_microseconds);
}

// A hop takes longer than usual: it may yet confirm, but the next one is asked as well.
void Node::hedge_hop(Environment& environment, std::size_t place) {
  relays_[place].hedge_microseconds = 0;
  note_late(environment.now(), relays_[place].hop.address);
  if (!retry_budget_.spend()) return;
  const Relay relay = relays_[place];
  Find find = relay.find;
  --find.hops;  // forward() counts it again
  if (find.purpose == Find::Purpose::copies) {
    relays_[place].hedged = route_to_copies(environment, find, relay.cursor, relay.hedges + 1u);
    return;
  }
  RouteCursor cursor = relay.cursor;
  const Step step = next_step(find.key, cursor);
  if (!step.contact || step.owner || cursor.late) return;
  relays_[place].hedged = true;
  forward(environment, find, cursor, step, relay.hedges + 1u);
}

// Asks the hop again, or goes around it; where nothing else leads on, or no more copies may be sent, the find ends here
// and the asker will try again.
void Node::handle_silent_hop(Environment& environment, Relay relay) {
  if (table_.stage() == Stage::guest) return try_next_bootstrap_node(environment, relay);
  if (relay.attempts < options_->hop_attempts) {
    ++relay.attempts;
    relay.find.token = id_of_next_copy(relay.find.token);
    return send_copy(environment, relay);
  }
  note_silent_finger(relay.hop);
  note_late(environment.now(), relay.hop.address, true);
  rtt_.note_given_up(relay.hop.address, id_of_first_copy(relay.find.token) + 1, relay.asked);
  if (relay.hedged) return;
  if (relay.find.timeouts < UINT8_MAX) ++relay.find.timeouts;
  if (relay.find.purpose == Find::Purpose::copies) {
    --relay.find.hops;
    if (retry_budget_.spend()) route_to_copies(environment, relay.find, relay.cursor, maximum_hedges);
    return;
  }
  const bool was_predecessor = relay.cursor.following && relay.cursor.limit == table_.self();
  const Step step = was_predecessor ? Step{} : next_step(relay.find.key, relay.cursor);
  if (was_predecessor && !leads_before_key(relay.find))  // what it owned is now this node's
    answer_find(environment, relay.find, own_contact(environment), table_.successors());
  if (!step.contact) return;
  set_direction(relay.find, step);
  relay.hop = step.contact;
  relay.find.token = next_id();
  relay.asked = environment.now();
  relay.attempts = 1;
  send_copy(environment, relay);
}

// Where messages get lost silence may be loss; twice in a row, it is hardly ever.
void Node::note_silent_finger(Contact finger) {
  const bool is_dead = !rtt_.doubts_silence() || rtt_.is_silent(finger.address);
  if (options_->forget_silent_fingers && is_dead) table_.forget_finger(finger);
}

void Node::send_copy(Environment& environment, Relay& relay) {
  if (!retry_budget_.spend()) return;
  relay.deadline = next_deadline(environment.now(), relay.hop.address, options_->hop_timeout, relay.attempts);
  environment.send(relay.hop.address, relay.find);
  relays_.push_back(relay);
}

void Node::answer_find(Environment& environment, const Find& find, Contact owner, std::span<const Contact> after) {
  Found found{.id = find.id, .hops = find.hops, .timeouts = find.timeouts};
  found.holders.add(owner);
  if (find.purpose == Find::Purpose::holders || find.purpose == Find::Purpose::copies) {
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
  if (find.key == table_.self()) return welcome(true, {});
  if (table_.successors().empty()) return welcome(false, {});
  const Contact head = table_.successors().front();
  // A former process of the joiner's may still be listed: it is no reason to refuse, and no successor to name.
  if (head.key == find.key) return welcome(head.address != find.asker, std::span(table_.successors()).subspan(1));
  if (between(table_.self(), find.key, head.key)) return welcome(false, table_.successors());
  forward_before_key(environment, find);
}

// A member met a node that may belong to another ring, and this node may have to precede it.
void Node::answer_introduction(Environment& environment, const Find& find) {
  const Contact stranger{find.key, find.asker};
  if (find.key == table_.self()) return;
  if (table_.precedes_head(stranger)) return ask_candidate(environment, stranger);
  if (table_.successors().front() != stranger) forward_before_key(environment, find);
}

bool Node::leads_before_key(const Find& find) noexcept {
  return find.purpose == Find::Purpose::join || find.purpose == Find::Purpose::introduction;
}

// Towards the member that is to precede a node at the key.
void Node::forward_before_key(Environment& environment, const Find& find) {
  const bool is_after = table_.predecessor() && between(table_.predecessor().key, find.key, table_.self());
  if (is_after)
    return forward(environment, find, {.limit = table_.self(), .following = true}, {table_.predecessor(), true});
  // Past the key its owner knows the newcomers before it. But where that node is still listed, or its former process,
  // it is all that lies there: the way leads to the member before it.
  const auto is_at_key = [&](Contact successor) { return successor.key == find.key; };
  const bool stays_before =
      find.at_owner || std::any_of(table_.successors().begin(), table_.successors().end(), is_at_key);
  RouteCursor cursor = stays_before ? RouteCursor{.limit = find.key, .turned = true} : begin_route(find.key);
  const Step step = next_step(find.key, cursor);
  if (step.contact) forward(environment, find, cursor, step);
}

}  // namespace peerbed::ring
