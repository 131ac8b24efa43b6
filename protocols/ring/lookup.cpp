// This node's own lookups: for the built-in workload, its fingers, its puts and gets; with retries, and either
// recursive or, asking each hop itself, iterative.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

void Node::run_workload(Environment& environment) {
  if (!is_member()) return;
  start_lookup(environment, space().wrap(environment.draw(draw_workload)), LookupReason::workload, 0);
}

// Fingers nearer than the first successor are that successor: only those beyond it are looked up, one after the other.
void Node::fix_fingers(Environment& environment, bool all) {
  if (!is_member() || table_.successors().empty()) return;
  const unsigned useful = table_.useful_fingers(*options_);
  const std::size_t count = all ? useful : std::min<std::size_t>(options_->fingers_per_run, useful);
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned exponent = table_.take_finger_to_fix(*options_);
    start_lookup(environment, space().finger_start(table_.self(), exponent), LookupReason::finger, exponent);
  }
}

void Node::start_lookup(Environment& environment, Key key, LookupReason reason, std::uint32_t subject) {
  const Time now = environment.now();
  const PendingLookup lookup{.key = key,
                             .started = now,
                             .deadline = now + (lookup_time_.known() ? lookup_patience() : options_->lookup_timeout),
                             .id = next_id(),
                             .subject = subject,
                             .attempts = 1,
                             .reason = reason};
  lookups_.push_back(lookup);
  if (lookups_.size() > maximum_lookups) return finish_lookup(environment, lookup.id, 0, 0, {});
  await(environment, lookup.deadline);
  try_lookup(environment, lookup);
}

void Node::try_lookup(Environment& environment, const PendingLookup& lookup) {
  const bool is_guest = table_.stage() == Stage::guest;
  if (!is_member() && !is_guest) return;
  if (lookup.attempts > 1 && !retry_budget_.spend()) return;
  if (options_->lookup_mode == LookupMode::iterative && !is_guest) return start_search(environment, lookup);
  Find find{.id = lookup.id, .key = lookup.key, .asker = environment.self()};
  if (lookup.reason == LookupReason::operation) {
    // Only the owner takes a put. A get that has failed once asks the owner, too, who knows best.
    const bool ends_early =
        options_->gets_end_early && lookup.attempts == 1 && cold_state_->requests->is_first_try_of_get(lookup.subject);
    find.purpose = ends_early ? Find::Purpose::copies : Find::Purpose::holders;
  }
  if (is_guest) return ask_bootstrap_node(environment, find, lookup.attempts == 1);
  is_new(environment.now(), find);  // should it come back, it is known
  route(environment, find, begin_route(lookup.key));
}

bool Node::is_overdue(Time now, PendingLookup& lookup) const noexcept {
  if (lookup.deadline > now) return false;
  // Attempts before this one had all shorter waits together: 1 + 2 + 4 + ... lengths of the first.
  const unsigned waits = (2u << std::min<unsigned>(lookup.attempts - 1, 4)) - 1;
  lookup.deadline = std::max(lookup.deadline, lookup.started + lookup_patience() * waits);
  return lookup.deadline <= now;
}

void Node::handle_overdue_lookups(Environment& environment) {
  const Time now = environment.now();
  // Finishing one may begin others, at the end of the table.
  for (std::size_t i = 0; i < lookups_.size();) {
    PendingLookup& lookup = lookups_[i];
    if (!is_overdue(now, lookup)) {
      ++i;
      continue;
    }
    // A finger is not urgent: its turn comes again.
    const unsigned patience = lookup.reason == LookupReason::finger ? 1 : options_->lookup_attempts;
    if (lookup.attempts >= patience) {
      finish_lookup(environment, lookup.id, 0, 0, {});
      continue;
    }
    lookup.deadline = now + lookup_patience() * (1 << std::min<unsigned>(lookup.attempts, 4));
    lookup.id = id_of_next_copy(lookup.id);
    ++lookup.attempts;
    const PendingLookup again = lookup;
    ++i;
    try_lookup(environment, again);
  }
  if (!cold_state_) return;
  // One that ends leaves the table, and the next takes its place.
  auto& searches = cold_state_->searches;
  for (std::size_t i = 0; i < searches.size();) {
    const std::uint32_t lookup = searches[i].lookup;
    if (searches[i].deadline <= now) handle_silent_search(environment, searches[i]);
    if (i < searches.size() && searches[i].lookup == lookup) ++i;
  }
}

void Node::handle(Environment& environment, Address, const Found& found) {
  if (found.holders.empty()) return;
  finish_lookup(environment, found.id, found.hops, found.timeouts, found.holders.all());
}

// No holders: the lookup failed.
void Node::finish_lookup(Environment& environment, std::uint32_t id, unsigned hops, unsigned timeouts,
                         std::span<const Contact> holders) {
  const auto place = std::find_if(lookups_.begin(), lookups_.end(),
                                  [id](const auto& entry) { return is_same_question(entry.id, id); });
  if (place == lookups_.end()) return;
  if (!std::all_of(holders.begin(), holders.end(), [this](Contact contact) { return is_valid(contact); })) return;
  const PendingLookup lookup = *place;
  *place = lookups_.back();
  lookups_.pop_back();
  if (cold_state_)
    std::erase_if(cold_state_->searches, [id](const Search& search) { return is_same_question(search.lookup, id); });

  const bool success = !holders.empty();
  if (success && is_first_copy(id)) lookup_time_.note(environment.now() - lookup.started);
  const auto latency = static_cast<std::uint64_t>((environment.now() - lookup.started).count());
  switch (lookup.reason) {
    case LookupReason::command:
      if (success)
        environment.print("The owner of key " + std::to_string(lookup.key.value) + " is node " +
                          std::to_string(holders.front().key.value) + " at " + to_string(holders.front().address) +
                          ", after " + std::to_string(hops) + " hops");
      else
        environment.refuse("not-found", "The owner of key " + std::to_string(lookup.key.value) + " was not found");
      [[fallthrough]];
    case LookupReason::workload:
      if (success)
        environment.trace(index_of(TraceEvent::lookup_answered),
                          {lookup.key.value, holders.front().key.value, latency});
      return environment.trace(index_of(TraceEvent::lookup_done), {hops, latency, timeouts, success ? 1u : 0u});
    case LookupReason::finger:
      if (success) table_.assign_finger(*options_, lookup.subject, holders.front());
      return;
    case LookupReason::operation:
      return continue_request(environment, lookup.subject, holders);
    case LookupReason::hand_off:
      return seek_owner(environment, cold_state_->storage.end_search(storage_context(environment), lookup.key,
                                                                     success ? holders.front() : Contact{}));
  }
}

// Iterative: the asker keeps the list of whom to ask, the best last, and goes on from each answer.
void Node::start_search(Environment& environment, const PendingLookup& lookup) {
  if (owns_key(lookup.key)) {
    std::vector<Contact> holders = {own_contact(environment)};
    const auto replicas = replica_holders();
    holders.insert(holders.end(), replicas.begin(), replicas.end());
    return finish_lookup(environment, lookup.id, 0, 0, holders);
  }
  Search search{.lookup = lookup.id};
  RouteCursor cursor = begin_route(lookup.key);
  for (Step step = next_step(lookup.key, cursor); step.contact; step = next_step(lookup.key, cursor)) {
    if (search.candidates.size() < maximum_candidates) search.candidates.push_back({step.contact, step.owner});
  }
  std::reverse(search.candidates.begin(), search.candidates.end());
  auto& searches = cold_state_.get_or_create().searches;
  const auto same = [&](const Search& other) { return is_same_question(other.lookup, lookup.id); };
  auto place = std::find_if(searches.begin(), searches.end(), same);
  if (place == searches.end()) place = searches.insert(searches.end(), Search{});
  *place = std::move(search);
  ask_next(environment, *place);
}

// With nobody left to ask, the lookup waits for its next attempt.
void Node::ask_next(Environment& environment, Search& search) {
  search.deadline = never;
  search.query = 0;
  if (search.candidates.empty()) return;
  search.asked = search.candidates.back();
  search.candidates.pop_back();
  if (search.asked.settled) {
    const Contact owner = search.asked.contact;
    return finish_lookup(environment, search.lookup, search.hops, search.timeouts, {&owner, 1});
  }
  retry_budget_.earn();
  search.query = next_id();
  search.asked_at = environment.now();
  search.attempts = 1;
  send_query(environment, search);
}

void Node::send_query(Environment& environment, Search& search) {
  const Address hop = search.asked.contact.address;
  search.deadline = next_deadline(environment.now(), hop, options_->hop_timeout, search.attempts);
  await(environment, search.deadline);
  const PendingLookup& lookup = lookup_of(search);
  environment.send(hop, NextHopQuery{.id = search.query, .key = lookup.key, .at_owner = search.asked.owner});
}

PendingLookup& Node::lookup_of(const Search& search) {
  return *std::find_if(lookups_.begin(), lookups_.end(),
                       [&](const PendingLookup& entry) { return is_same_question(entry.id, search.lookup); });
}

void Node::handle_silent_search(Environment& environment, Search& search) {
  const Time now = environment.now();
  const Address hop = search.asked.contact.address;
  search.deadline = extended_deadline(now, search.asked_at, hop, options_->hop_timeout, search.attempts);
  if (search.deadline > now) return;
  if (search.attempts < options_->hop_attempts && retry_budget_.spend()) {
    ++search.attempts;
    search.query = id_of_next_copy(search.query);
    return send_query(environment, search);
  }
  if (search.timeouts < UINT8_MAX) ++search.timeouts;
  note_silent_finger(search.asked.contact);
  rtt_.note_given_up(hop, id_of_first_copy(search.query) + 1, search.asked_at);
  note_late(environment.now(), search.asked.contact.address, true);
  if (search.silent.size() < maximum_candidates) search.silent.push_back(search.asked.contact);
  ask_next(environment, search);
}

void Node::handle(Environment& environment, Address from, const NextHopQuery& query) {
  if (!is_member() || !space().contains(query.key)) return;
  const bool owns = owns_key(query.key);
  // Who takes this node for the owner has perhaps not yet heard of a newcomer before it.
  const bool refers = query.at_owner && !owns && has_fresh_predecessor(environment.now());
  NextHops answer{.id = query.id, .self = table_.self(), .at_owner = owns || (query.at_owner && !refers)};
  if (refers) {
    answer.contacts.add(table_.predecessor());
  } else if (answer.at_owner) {
    for (const Contact contact : replica_holders()) answer.contacts.add(contact);
  } else {
    RouteCursor cursor = begin_route(query.key);
    std::size_t preceding = 0;
    for (Step step = next_step(query.key, cursor); step.contact; step = next_step(query.key, cursor)) {
      if (step.owner || preceding++ < ContactList::limit / 2) answer.contacts.add(step.contact);
    }
  }
  environment.send(from, answer);
}

void Node::handle(Environment& environment, Address from, const NextHops& answer) {
  if (!cold_state_ || answer.id == 0) return;
  auto& searches = cold_state_->searches;
  const auto search = std::find_if(searches.begin(), searches.end(), [&](const Search& entry) {
    return entry.query != 0 && is_same_question(entry.query, answer.id);
  });
  if (search == searches.end() || search->asked.contact != Contact{answer.self, from})
    return rtt_.note_late_answer(from, answer.id, environment.now());
  note_answer(environment, search->asked_at, from, answer.id);
  const PendingLookup& lookup = lookup_of(*search);
  if (search->hops < UINT8_MAX) ++search->hops;
  if (answer.at_owner) {
    std::vector<Contact> holders = {search->asked.contact};
    for (const Contact contact : answer.contacts.all())
      if (is_valid(contact)) holders.push_back(contact);
    return finish_lookup(environment, search->lookup, search->hops, search->timeouts, holders);
  }
  note_candidates(environment, *search, answer, lookup.key);
  ask_next(environment, *search);
}

// The new contacts come before what is left of the old ones. Only steps towards the key count, so that it ends.
void Node::note_candidates(Environment& environment, Search& search, const NextHops& answer, Key key) {
  std::vector<Candidate>& candidates = search.candidates;
  const auto old_count = static_cast<std::ptrdiff_t>(candidates.size());
  const auto note = [&](Contact contact, bool owner) {
    const bool is_silent = std::find(search.silent.begin(), search.silent.end(), contact) != search.silent.end();
    if (contact && !is_silent) candidates.push_back({contact, owner});
  };
  for (const Contact contact : answer.contacts.all()) {
    if (!is_valid(contact) || contact.key == answer.self) continue;
    const bool owner = !between(answer.self, contact.key, key);
    if (contact.key != table_.self()) {
      note(contact, owner);
    } else if (owner) {  // for others; this node itself knows of a newcomer before it
      note(table_.predecessor(), true);
      candidates.push_back({own_contact(environment), true, true});
    }
  }
  if (search.asked.owner) candidates.push_back({search.asked.contact, true, true});
  std::reverse(candidates.begin() + old_count, candidates.end());
  if (candidates.size() > maximum_candidates)
    candidates.erase(candidates.begin(), candidates.end() - maximum_candidates);
}

}  // namespace peerbed::ring
