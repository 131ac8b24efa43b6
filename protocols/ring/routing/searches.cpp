#include "protocols/ring/routing/searches.h"

#include <algorithm>
#include <utility>

#include "protocols/environment/contract.h"
#include "protocols/ring/base/patience.h"

namespace peerbed::ring {

namespace {

Key key_of_lookup(const Lookups& lookups, std::uint32_t id) {
  const PendingLookup* lookup = lookups.find(id);
  PEERBED_CONTRACT(lookup != nullptr, "a search is for a lookup that is pending");
  return lookup->key;
}

}  // namespace

NextHops answer_to(const RoutingContext& context, const NextHopQuery& query) {
  const RoutingTable& table = context.table;
  PEERBED_CONTRACT(table.is_member(), "only members show the way");
  const bool owns = table.owns_key(query.key);
  // Who takes this node for the owner has perhaps not yet heard of a newcomer before it.
  const bool refers = query.at_owner && !owns && context.has_fresh_predecessor();
  NextHops answer{.id = query.id, .self = table.self(), .at_owner = owns || (query.at_owner && !refers)};
  if (refers) {
    answer.contacts.add(table.predecessor());
  } else if (answer.at_owner) {
    for (const Contact contact : table.replica_holders(context.options)) answer.contacts.add(contact);
  } else {
    RouteCursor cursor = context.begin_route(query.key);
    std::size_t preceding = 0;
    for (Step step = context.next_step(query.key, cursor); step.contact; step = context.next_step(query.key, cursor)) {
      if (step.owner || preceding++ < ContactList::limit / 2) answer.contacts.add(step.contact);
    }
  }
  return answer;
}

Found own_answer(const RoutingContext& context, std::uint32_t lookup) {
  Found found{.id = lookup};
  found.holders.add(context.own_contact());
  for (const Contact holder : context.table.replica_holders(context.options)) found.holders.add(holder);
  return found;
}

std::optional<Found> Searches::begin(const RoutingContext& context, const PendingLookup& lookup) {
  const RoutingTable& table = context.table;
  PEERBED_CONTRACT(table.is_member() && !table.owns_key(lookup.key), "a member searches for what it does not own");
  Search search{.lookup = lookup.id};
  RouteCursor cursor = context.begin_route(lookup.key);
  for (Step step = context.next_step(lookup.key, cursor); step.contact; step = context.next_step(lookup.key, cursor)) {
    if (search.candidates.size() < maximum_candidates) search.candidates.push_back({step.contact, step.owner});
  }
  return begin(context, lookup, std::move(search));
}

std::optional<Found> Searches::begin_at(const RoutingContext& context, const PendingLookup& lookup,
                                        std::span<const Address> nodes) {
  Search search{.lookup = lookup.id};
  for (const Address node : nodes) search.candidates.push_back({.contact = {Key{}, node}, .keyless = true});
  return begin(context, lookup, std::move(search));
}

// The candidates come with the best one first.
std::optional<Found> Searches::begin(const RoutingContext& context, const PendingLookup& lookup, Search search) {
  std::reverse(search.candidates.begin(), search.candidates.end());
  const auto same = [&](const Search& other) { return is_same_question(other.lookup, lookup.id); };
  auto found = std::find_if(searches_.begin(), searches_.end(), same);
  if (found == searches_.end()) found = searches_.insert(searches_.end(), Search{});
  *found = std::move(search);
  return ask_next(context, *found, lookup.key);
}

std::optional<Found> Searches::ask_next(const RoutingContext& context, Search& search, Key key) {
  search.deadline = never;
  search.query = 0;
  if (search.candidates.empty()) return std::nullopt;
  search.asked = search.candidates.back();
  search.candidates.pop_back();
  if (search.asked.settled) {
    Found found{.id = search.lookup, .hops = search.hops, .timeouts = search.timeouts};
    found.holders.add(search.asked.contact);
    return found;
  }
  context.retry_budget.earn();
  search.query = context.ids.next();
  search.asked_at = context.now();
  search.attempts = 1;
  send_query(context, search, key);
  return std::nullopt;
}

void Searches::send_query(const RoutingContext& context, Search& search, Key key) {
  const Address hop = search.asked.contact.address;
  search.deadline = next_deadline(context, hop, context.options.hop_timeout, search.attempts);
  context.await(search.deadline);
  context.environment.send(hop, NextHopQuery{.id = search.query, .key = key, .at_owner = search.asked.owner});
}

void Searches::forget(std::uint32_t lookup) {
  std::erase_if(searches_, [lookup](const Search& search) { return is_same_question(search.lookup, lookup); });
}

std::optional<Searches::SilentHop> Searches::find_silent_hop(const RoutingContext& context, const Lookups& lookups,
                                                             std::size_t index) {
  PEERBED_CONTRACT(index < searches_.size(), "a search has a place in the table");
  Search& search = searches_[index];
  if (search.deadline > context.now()) return std::nullopt;
  const Contact hop = search.asked.contact;
  search.deadline =
      extended_deadline(context, search.asked_at, hop.address, context.options.hop_timeout, search.attempts);
  if (search.deadline > context.now()) return std::nullopt;
  const unsigned most = search.asked.keyless ? 1 : context.options.hop_attempts;  // there are others to begin with
  if (search.attempts >= most || !context.retry_budget.spend()) return SilentHop{hop, search.query, search.asked_at};
  ++search.attempts;
  search.query = id_of_next_copy(search.query);
  send_query(context, search, key_of_lookup(lookups, search.lookup));
  return std::nullopt;
}

std::optional<Found> Searches::go_on(const RoutingContext& context, const Lookups& lookups, std::size_t index) {
  PEERBED_CONTRACT(index < searches_.size() && searches_[index].query != 0, "a search goes on from whom it asked");
  Search& search = searches_[index];
  if (search.timeouts < UINT8_MAX) ++search.timeouts;
  if (search.silent.size() < maximum_candidates) search.silent.push_back(search.asked.contact);
  return ask_next(context, search, key_of_lookup(lookups, search.lookup));
}

Time Searches::earliest_deadline() const noexcept {
  Time earliest = never;
  for (const Search& search : searches_) earliest = std::min(earliest, search.deadline);
  return earliest;
}

bool Searches::expects(Address from, const NextHops& answer) const noexcept {
  return std::any_of(searches_.begin(), searches_.end(), [&](const Search& search) {
    return search.query != 0 && is_same_question(search.query, answer.id) && search.asked.contact.address == from;
  });
}

std::optional<Found> Searches::take(const RoutingContext& context, const Lookups& lookups, Address from,
                                    const NextHops& answer) {
  if (answer.id == 0) return std::nullopt;
  const auto search = std::find_if(searches_.begin(), searches_.end(), [&](const Search& entry) {
    return entry.query != 0 && is_same_question(entry.query, answer.id);
  });
  if (search != searches_.end() && search->asked.keyless) search->asked.contact.key = answer.self;
  if (search == searches_.end() || search->asked.contact != Contact{answer.self, from}) {
    context.rtt.note_late_answer(from, answer.id, context.now());
    return std::nullopt;
  }
  note_answer(context, search->asked_at, from, answer.id);
  const Key key = key_of_lookup(lookups, search->lookup);
  if (search->hops < UINT8_MAX) ++search->hops;
  if (answer.at_owner) {
    Found found{.id = search->lookup, .hops = search->hops, .timeouts = search->timeouts};
    found.holders.add(search->asked.contact);
    for (const Contact contact : answer.contacts.all())
      if (context.is_valid(contact)) found.holders.add(contact);
    return found;
  }
  note_candidates(context, *search, answer, key);
  return ask_next(context, *search, key);
}

// The new contacts come before what is left of the old ones. Only steps towards the key count, so that it ends.
void Searches::note_candidates(const RoutingContext& context, Search& search, const NextHops& answer, Key key) {
  std::vector<Candidate>& candidates = search.candidates;
  const auto old_count = static_cast<std::ptrdiff_t>(candidates.size());
  const auto note = [&](Contact contact, bool owner) {
    const bool is_silent = std::find(search.silent.begin(), search.silent.end(), contact) != search.silent.end();
    if (contact && !is_silent) candidates.push_back({contact, owner});
  };
  for (const Contact contact : answer.contacts.all()) {
    if (!context.is_valid(contact) || contact.key == answer.self) continue;
    const bool owner = !between(answer.self, contact.key, key);
    if (contact.key != context.self || !context.table.is_member()) {
      note(contact, owner);
    } else if (owner) {  // for others; this node itself knows of a newcomer before it
      note(context.table.predecessor(), true);
      candidates.push_back({context.own_contact(), true, true});
    }
  }
  if (search.asked.owner) candidates.push_back({search.asked.contact, true, true});
  std::reverse(candidates.begin() + old_count, candidates.end());
  if (candidates.size() > maximum_candidates)
    candidates.erase(candidates.begin(), candidates.end() - maximum_candidates);
}

}  // namespace peerbed::ring
