#include "protocols/ring/membership/finder.h"

#include <algorithm>

#include "protocols/environment/contract.h"
#include "protocols/ring/base/patience.h"

namespace peerbed::ring {

// ---- lookups -------------------------------------------------------------------------------------------------------

void Finder::fix_fingers(const OverlayContext& context, bool all) {
  RoutingTable& table = context.table;
  if (!table.is_member() || !context.options.fingers) return;
  const std::size_t useful = table.useful_fingers(context.options);
  const std::size_t count = all ? useful : std::min(context.options.fingers_per_run, useful);
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned exponent = table.take_finger_to_fix(context.options);
    start_lookup(context, context.space().finger_start(table.self(), exponent), LookupReason::finger, exponent);
  }
}

std::optional<Finder::Ended> Finder::start_lookup(const OverlayContext& context, Key key, LookupReason reason,
                                                  std::uint32_t subject) {
  const PendingLookup lookup = lookups_.begin(context, context.table, key, reason, subject);
  if (lookups_.is_crowded()) return finish_lookup(context, Found{.id = lookup.id});
  return try_lookup(context, lookup);
}

// A guest asks each hop itself, whatever members do: a NAT before it lets in nothing but answers.
std::optional<Finder::Ended> Finder::try_lookup(const OverlayContext& context, const PendingLookup& lookup) {
  const bool is_guest = context.table.stage() == Stage::guest;
  if (!context.table.is_member() && !is_guest) return std::nullopt;
  const bool is_first = lookup.attempts == 1;
  if (!is_first && !context.retry_budget.spend()) return std::nullopt;
  const RoutingContext routing = context.routing();
  if (is_guest) {
    Bootstrap& bootstrap = context.cold->bootstrap;
    if (!is_first) bootstrap.note_silent(bootstrap.nodes().front());
    return finish_lookup(context, context.cold->searches.begin_at(routing, lookup, bootstrap.nodes()));
  }
  if (context.options.lookup_mode == LookupMode::iterative) {
    if (context.table.owns_key(lookup.key)) return finish_lookup(context, own_answer(routing, lookup.id));
    return finish_lookup(context, context.cold.get_or_create().searches.begin(routing, lookup));
  }
  Find find{.id = lookup.id, .key = lookup.key, .asker = context.environment.self()};
  if (lookup.reason == LookupReason::operation) {
    // Only the owner takes a put. A get that has failed once asks the owner, too, who knows best.
    const bool ends_early =
        context.options.gets_end_early && is_first && context.cold->requests->is_first_try_of_get(lookup.subject);
    find.purpose = ends_early ? Find::Purpose::copies : Find::Purpose::holders;
  }
  return finish_lookup(context, relays_.begin(routing, find).answer);
}

std::optional<Finder::Ended> Finder::finish_lookup(const OverlayContext& context, const Found& found) {
  const auto lookup = lookups_.end(context, found);
  if (!lookup) return std::nullopt;
  if (context.cold) context.cold->searches.forget(found.id);
  switch (lookup->reason) {
    case LookupReason::command:
    case LookupReason::workload:
      return std::nullopt;
    case LookupReason::finger:
      if (!found.holders.empty()) context.table.assign_finger(context.options, lookup->subject, found.holders[0]);
      return std::nullopt;
    case LookupReason::operation:
    case LookupReason::hand_off:
      return Ended{*lookup, found};
  }
  return std::nullopt;
}

std::optional<Finder::Ended> Finder::take(const OverlayContext& context, const Found& found) {
  return found.holders.empty() ? std::nullopt : finish_lookup(context, found);
}

// ---- finds and searches --------------------------------------------------------------------------------------------

Finder::Arrival Finder::take(const OverlayContext& context, Address from, const Find& find) {
  if (!context.table.is_member()) return {};
  const Relays::Arrival arrival = relays_.take(context.routing(), from, find);
  return {finish_lookup(context, arrival.answer), arrival.stranger};
}

Contact Finder::introduce(const OverlayContext& context, Contact node) {
  const RoutingContext routing = context.routing();
  const Find find{
      .id = context.ids.next(), .key = node.key, .asker = node.address, .purpose = Find::Purpose::introduction};
  return relays_.route(routing, find, routing.begin_route(find.key)).stranger;
}

void Finder::take(const OverlayContext& context, Address from, const NextHopQuery& query) const {
  if (context.table.is_member() && context.space().contains(query.key))
    context.environment.send(from, answer_to(context.routing(), query));
}

std::optional<Finder::Ended> Finder::take(const OverlayContext& context, Address from, const NextHops& answer) {
  if (!context.cold) return std::nullopt;
  Searches& searches = context.cold->searches;
  if (context.table.stage() == Stage::guest && searches.expects(from, answer)) context.cold->bootstrap.note_heard(from);
  return finish_lookup(context, searches.take(context.routing(), lookups_, from, answer));
}

// ---- what is overdue -----------------------------------------------------------------------------------------------

// What follows from a lookup that ended may be other finds: these come last in the table, and none of them is overdue.
std::optional<Finder::Ended> Finder::handle_overdue_hops(const OverlayContext& context, std::size_t& position) {
  while (position < relays_.size()) {
    if (relays_.is_late(position, context.now())) {
      context.punctuality().late.note(context, relays_.hop(position).address, false);
      if (auto ended = finish_lookup(context, relays_.hedge(context.routing(), position).answer)) return ended;
    }
    std::optional<Relay> relay = relays_.take_overdue(context, position);
    if (!relay) continue;
    if (!relays_.ask_again(context.routing(), *relay)) {
      note_silence(context, relay->hop, relay->find.token, relay->asked);
      if (auto ended = finish_lookup(context, relays_.go_around(context.routing(), *relay).answer)) return ended;
    }
  }
  return std::nullopt;
}

// A peer has left unanswered what finds and searches asked it. Where messages get lost that may be loss; twice in a
// row, it is hardly ever.
void Finder::note_silence(const OverlayContext& context, Contact peer, std::uint32_t id, Time asked) const {
  const bool is_dead = !context.rtt.doubts_silence() || context.rtt.is_silent(peer.address);
  if (context.options.forget_silent_fingers && is_dead) context.table.forget_finger(peer);
  if (context.options.hedges()) context.punctuality().late.note(context, peer.address, true);
  if (context.table.stage() == Stage::guest) context.cold->bootstrap.note_silent(peer.address);
  note_given_up(context, asked, peer.address, id);
}

std::optional<Finder::Ended> Finder::handle_overdue_lookups(const OverlayContext& context, std::size_t& position) {
  while (position < lookups_.size()) {
    const auto overdue = lookups_.take_overdue(context, context.table, position);
    if (!overdue) continue;
    auto ended = overdue->has_failed ? finish_lookup(context, Found{.id = overdue->lookup.id})
                                     : try_lookup(context, overdue->lookup);
    if (ended) return ended;
  }
  return std::nullopt;
}

// A search that ends leaves the table, and the next takes its place.
std::optional<Finder::Ended> Finder::handle_overdue_searches(const OverlayContext& context, std::size_t& position) {
  if (!context.cold) return std::nullopt;
  Searches& searches = context.cold->searches;
  while (position < searches.size()) {
    const std::uint32_t lookup = searches.lookup(position);
    std::optional<Ended> ended;
    if (const auto silent = searches.find_silent_hop(context.routing(), lookups_, position)) {
      note_silence(context, silent->hop, silent->question, silent->asked);
      ended = finish_lookup(context, searches.go_on(context.routing(), lookups_, position));
    }
    if (position < searches.size() && searches.lookup(position) == lookup) ++position;
    if (ended) return ended;
  }
  return std::nullopt;
}

}  // namespace peerbed::ring
