#include "protocols/ring/routing/relays.h"

#include <algorithm>

#include "protocols/environment/contract.h"
#include "protocols/ring/base/patience.h"

namespace peerbed::ring {

namespace {

// Copies of a find come within a few round trips of one another, or as late as a network holds them back.
constexpr Duration shortest_generation = std::chrono::seconds(4);
constexpr unsigned least_hop_limit = 16;

unsigned hop_limit(const RoutingContext& context) noexcept {
  return std::min(least_hop_limit + 4 * context.table.ring_size_bits(context.options), 255u);
}

// At least one, as 0 means: never.
std::uint32_t to_microseconds(Duration delay) {
  const auto count = std::chrono::ceil<std::chrono::microseconds>(delay).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 1, UINT32_MAX));
}

// Without confirmations a plain lookup costs one message a hop; what must not fail is always confirmed.
bool waits_for_hops(const Context& context, const Find& find) noexcept {
  return context.options.acknowledge_hops || find.purpose != Find::Purpose::lookup;
}

bool leads_before_key(const Find& find) noexcept {
  return find.purpose == Find::Purpose::join || find.purpose == Find::Purpose::introduction;
}

// A join that has been past its key goes past it no more.
void set_direction(Find& find, Step step) noexcept {
  find.at_owner = step.owner || (find.at_owner && leads_before_key(find));
}

Relays::Arrival answer_find(const Context& context, const Find& find, Contact owner, std::span<const Contact> after) {
  Found found{.id = find.id, .hops = find.hops, .timeouts = find.timeouts};
  found.holders.add(owner);
  if (find.purpose == Find::Purpose::holders || find.purpose == Find::Purpose::copies) {
    for (const Contact contact : after.first(std::min(after.size(), context.options.replicas - 1)))
      found.holders.add(contact);
  }
  if (find.asker == context.environment.self()) return {.answer = found};
  context.environment.send(find.asker, found);
  return {};
}

}  // namespace

Time Relays::earliest_deadline(const Options& options) const noexcept {
  Time earliest = never;
  for (const Relay& relay : relays_) earliest = std::min(earliest, relay.deadline);
  if (options.hedges())
    for (const Relay& relay : relays_) earliest = std::min(earliest, hedge_time(relay));
  return earliest;
}

Relays::Arrival Relays::take(const RoutingContext& context, Address from, const Find& find) {
  PEERBED_CONTRACT(context.table.is_member(), "only members take finds");
  if (!context.space().contains(find.key) || !find.asker) return {};
  // A node with too many finds in its care takes no more: their senders go around it, or try again later.
  if (relays_.size() >= maximum_relays) return {};
  if (find.token != 0) context.environment.send(from, HopTaken{find.token});
  if (!is_new(context, find)) return {};
  return route(context, find, context.begin_route(find.key));
}

Relays::Arrival Relays::begin(const RoutingContext& context, const Find& find) {
  is_new(context, find);
  return route(context, find, context.begin_route(find.key));
}

bool Relays::is_new(const Context& context, const Find& find) {
  return recent_finds_.note(context.now(), find,
                            [&context] { return std::max(shortest_generation, 4 * context.backoff(1)); });
}

Relays::Arrival Relays::route(const RoutingContext& context, Find find, RouteCursor cursor) {
  const RoutingTable& table = context.table;
  PEERBED_CONTRACT(table.is_member(), "only members route finds");
  if (find.purpose == Find::Purpose::join) {
    answer_join(context, find);
    return {};
  }
  if (find.purpose == Find::Purpose::introduction) return answer_introduction(context, find);
  if (find.purpose == Find::Purpose::copies) {
    Arrival arrival;
    route_to_copies(context, find, {.limit = find.key, .turned = true}, 0, arrival);
    return arrival;
  }
  if (table.owns_key(find.key)) return answer_find(context, find, context.own_contact(), table.successors());
  if (find.at_owner) {
    // The sender has not yet heard of a newcomer before this node.
    if (!context.has_fresh_predecessor()) return answer_find(context, find, context.own_contact(), table.successors());
    forward(context, find, {.limit = table.self(), .following = true}, {table.predecessor(), true});
    return {};
  }
  const Step step = context.next_step(find.key, cursor);
  if (!step.contact) return {};  // the asker will try again
  if (step.owner && !waits_for_hops(context, find)) {
    ++find.hops;  // the hop to the owner, which the predecessor of the key answers for
    return answer_find(context, find, step.contact, std::span(table.successors()).subspan(1));
  }
  forward(context, find, cursor, step);
  return {};
}

// Whoever knows all holders of a key names them (Dabek et al. 2004), and so does a node that knows nobody closer to the
// key and is not late. Returns false when nothing could be done.
bool Relays::route_to_copies(const RoutingContext& context, const Find& find, RouteCursor cursor, unsigned hedges,
                             Arrival& arrival) {
  const RoutingTable& table = context.table;
  if (table.owns_key(find.key)) {
    arrival = answer_find(context, find, context.own_contact(), table.successors());
    return true;
  }
  const std::span<const Contact> holders = table.known_holders(find.key);
  const Step step = context.next_step(find.key, cursor);
  const bool is_closest = !step.contact || cursor.late;
  if (!holders.empty() && (is_closest || holders.size() >= context.options.replicas)) {
    arrival = answer_find(context, find, holders.front(), holders.subspan(1));
    return true;
  }
  if (step.contact) forward(context, find, cursor, step, hedges);
  return static_cast<bool>(step.contact);
}

void Relays::forward(const RoutingContext& context, Find find, RouteCursor cursor, Step step, unsigned hedges) {
  PEERBED_CONTRACT(step.contact, "a find goes on to somebody");
  if (find.hops >= least_hop_limit && find.hops >= hop_limit(context)) return;
  set_direction(find, step);
  ++find.hops;
  find.token = 0;
  context.retry_budget.earn();
  if (waits_for_hops(context, find) && relays_.size() < maximum_relays) {
    const Time now = context.now();
    find.token = context.ids.next();
    Relay relay{.find = find, .cursor = cursor, .hop = step.contact, .asked = now, .attempts = 1};
    relay.deadline = next_deadline(context, step.contact.address, context.options.hop_timeout, 1);
    relay.hedges = static_cast<std::uint8_t>(hedges);
    // Of a join and of the owner there is but one way and one: only their death lets another one stand in.
    const bool is_one_of_many = !leads_before_key(find) && !step.owner;
    const Duration delay = hedge_delay(context);
    if (is_one_of_many && hedges < maximum_hedges && delay < relay.deadline - now)
      relay.hedge_microseconds = to_microseconds(delay);
    context.await(std::min(relay.deadline, hedge_time(relay)));
    relays_.push_back(relay);
  }
  context.environment.send(step.contact.address, find);
}

void Relays::take(const Context& context, Address from, const HopTaken& taken) {
  const auto relay = std::find_if(relays_.begin(), relays_.end(), [&](const Relay& entry) {
    return is_same_question(entry.find.token, taken.token) && entry.hop.address == from;
  });
  if (relay == relays_.end()) return context.rtt.note_late_answer(from, taken.token, context.now());
  const Find find = relay->find;
  note_answer(context, relay->asked, from, taken.token);
  remove(static_cast<std::size_t>(relay - relays_.begin()));
  if (!context.options.hedges()) return;
  // The find is in good hands: none of the other hops that were asked has to be replaced.
  for (Relay& other : relays_) {
    if (other.find.id != find.id || other.find.asker != find.asker) continue;
    other.hedge_microseconds = 0;
    other.hedged = true;
  }
}

Time Relays::hedge_time(const Relay& relay) noexcept {
  if (relay.hedge_microseconds == 0) return never;
  return relay.asked + std::chrono::microseconds(relay.hedge_microseconds);
}

Relays::Arrival Relays::hedge(const RoutingContext& context, std::size_t index) {
  PEERBED_CONTRACT(index < relays_.size() && is_late(index, context.now()), "a hop that is late is hedged");
  relays_[index].hedge_microseconds = 0;
  if (!context.retry_budget.spend()) return {};
  const Relay relay = relays_[index];
  Find find = relay.find;
  --find.hops;  // forward() counts it again
  if (find.purpose == Find::Purpose::copies) {
    Arrival arrival;
    const bool goes_on = route_to_copies(context, find, relay.cursor, relay.hedges + 1u, arrival);
    relays_[index].hedged = goes_on;
    return arrival;
  }
  RouteCursor cursor = relay.cursor;
  const Step step = context.next_step(find.key, cursor);
  if (!step.contact || step.owner || cursor.late) return {};
  relays_[index].hedged = true;
  forward(context, find, cursor, step, relay.hedges + 1u);
  return {};
}

std::optional<Relay> Relays::take_overdue(const Context& context, std::size_t& index) {
  PEERBED_CONTRACT(index < relays_.size(), "a relay has a place in the table");
  Relay& relay = relays_[index];
  if (relay.deadline <= context.now())
    relay.deadline =
        extended_deadline(context, relay.asked, relay.hop.address, context.options.hop_timeout, relay.attempts);
  if (relay.deadline > context.now()) {
    ++index;
    return std::nullopt;
  }
  const Relay overdue = relay;
  remove(index);
  return overdue;
}

void Relays::remove(std::size_t index) noexcept {
  relays_[index] = relays_.back();
  relays_.pop_back();
}

bool Relays::ask_again(const RoutingContext& context, Relay& relay) {
  if (relay.attempts >= context.options.hop_attempts) return false;
  ++relay.attempts;
  relay.find.token = id_of_next_copy(relay.find.token);
  send_copy(context, relay);
  return true;
}

Relays::Arrival Relays::go_around(const RoutingContext& context, Relay relay) {
  if (relay.hedged) return {};
  if (relay.find.timeouts < UINT8_MAX) ++relay.find.timeouts;
  if (relay.find.purpose == Find::Purpose::copies) {
    Arrival arrival;
    --relay.find.hops;
    if (context.retry_budget.spend()) route_to_copies(context, relay.find, relay.cursor, maximum_hedges, arrival);
    return arrival;
  }
  const bool was_predecessor = relay.cursor.following && relay.cursor.limit == context.table.self();
  if (was_predecessor) {
    if (leads_before_key(relay.find)) return {};
    // What it owned is now this node's.
    return answer_find(context, relay.find, context.own_contact(), context.table.successors());
  }
  const Step step = context.next_step(relay.find.key, relay.cursor);
  if (!step.contact) return {};
  set_direction(relay.find, step);
  relay.hop = step.contact;
  relay.find.token = context.ids.next();
  relay.asked = context.now();
  relay.attempts = 1;
  send_copy(context, relay);
  return {};
}

void Relays::send_copy(const RoutingContext& context, Relay& relay) {
  if (!context.retry_budget.spend()) return;
  relay.deadline = next_deadline(context, relay.hop.address, context.options.hop_timeout, relay.attempts);
  context.environment.send(relay.hop.address, relay.find);
  relays_.push_back(relay);
}

// A join is answered by the member that is to precede the joiner, never by the one after it.
void Relays::answer_join(const RoutingContext& context, const Find& find) {
  const RoutingTable& table = context.table;
  const auto welcome = [&](bool taken, std::span<const Contact> successors) {
    Welcome answer{.id = find.id, .taken = taken, .member = context.own_contact()};
    for (const Contact successor : successors) answer.successors.add(successor);
    context.environment.send(find.asker, answer);
  };
  if (find.key == table.self()) return welcome(true, {});
  if (table.successors().empty()) return welcome(false, {});
  const Contact head = table.successors().front();
  // A former process of the joiner's may still be listed: it is no reason to refuse, and no successor to name.
  if (head.key == find.key) return welcome(head.address != find.asker, std::span(table.successors()).subspan(1));
  if (between(table.self(), find.key, head.key)) return welcome(false, table.successors());
  forward_before_key(context, find);
}

// A member met a node that may belong to another ring, and this node may have to precede it.
Relays::Arrival Relays::answer_introduction(const RoutingContext& context, const Find& find) {
  const Contact stranger{find.key, find.asker};
  if (find.key == context.table.self()) return {};
  if (context.table.precedes_head(stranger)) return {.stranger = stranger};
  if (context.table.successors().front() != stranger) forward_before_key(context, find);
  return {};
}

// Towards the member that is to precede a node at the key.
void Relays::forward_before_key(const RoutingContext& context, const Find& find) {
  const RoutingTable& table = context.table;
  const Contact predecessor = table.predecessor();
  const bool is_after = predecessor && between(predecessor.key, find.key, table.self());
  if (is_after) return forward(context, find, {.limit = table.self(), .following = true}, {predecessor, true});
  // Past the key its owner knows the newcomers before it. But where that node is still listed, or its former process,
  // it is all that lies there: the way leads to the member before it.
  const auto is_at_key = [&](Contact successor) { return successor.key == find.key; };
  const bool stays_before =
      find.at_owner || std::any_of(table.successors().begin(), table.successors().end(), is_at_key);
  RouteCursor cursor = stays_before ? RouteCursor{.limit = find.key, .turned = true} : context.begin_route(find.key);
  const Step step = context.next_step(find.key, cursor);
  if (step.contact) forward(context, find, cursor, step);
}

}  // namespace peerbed::ring
