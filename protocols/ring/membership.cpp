// Join, stabilize and rectify as corrected by Zave (2017), as exchanges of messages. A list shorter than r stands for
// her filler entries: like these, what is missing names nobody.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

void Node::enter(Environment& environment, std::vector<Address> bootstrap) {
  Entry& entry = cold_state_.get_or_create().entry;
  if (bootstrap.size() > maximum_bootstrap) bootstrap.resize(maximum_bootstrap);
  entry.bootstrap = std::move(bootstrap);
  entry.next_bootstrap = 0;
  entry.attempts = 0;
  entry.started = environment.now();
  ask_bootstrap(environment);
}

// Asks the next bootstrap node for this node's place. A joiner tries for ever, more and more slowly, and takes the
// first answer. A node that was cut off and finds no node it ever knew goes on alone, and keeps looking for them.
void Node::ask_bootstrap(Environment& environment) {
  Entry& entry = cold_state_->entry;
  if (is_member() || table_.stage() == Stage::gone) {
    entry.deadline = never;
    return;
  }
  if (table_.stage() == Stage::cut_off && entry.attempts >= 2 * entry.bootstrap.size()) {
    entry.deadline = never;
    table_.set_stage(Stage::member);
    for (const Address bootstrap_node : entry.bootstrap) note_lost(environment.now(), bootstrap_node);
    return;
  }
  if (entry.next_bootstrap >= entry.bootstrap.size()) entry.next_bootstrap = 0;
  const bool is_first = entry.attempts == 0 || id_of_next_copy(entry.id) == entry.id;
  entry.id = is_first ? next_id() : id_of_next_copy(entry.id);
  // The first round of bootstrap nodes has short waits, because most are dead if the first one is. Later rounds wait
  // longer.
  const std::uint32_t rounds =
      entry.attempts++ / std::max<std::uint32_t>(static_cast<std::uint32_t>(entry.bootstrap.size()), 4);
  const Duration patience = rtt_.known() ? lookup_patience() : options_->lookup_timeout;
  entry.deadline = environment.now() + patience * (1 << std::min<std::uint32_t>(rounds, 5));
  await(environment, entry.deadline);
  environment.send(
      entry.bootstrap[entry.next_bootstrap++],
      Find{.id = entry.id, .key = table_.self(), .asker = environment.self(), .purpose = Find::Purpose::join});
}

void Node::put_bootstrap_first(Address bootstrap_node) {
  std::vector<Address>& bootstrap = cold_state_->entry.bootstrap;
  bootstrap.insert(bootstrap.begin(), bootstrap_node);
  if (bootstrap.size() > maximum_bootstrap) bootstrap.pop_back();
}

void Node::hear_of(Environment& environment, Address member) {
  if (table_.stage() == Stage::gone || member == environment.self()) return;
  if (is_member()) return note_lost(environment.now(), member);
  cold_state_.get_or_create();
  put_bootstrap_first(member);
}

void Node::handle(Environment& environment, Address, const Welcome& welcome) {
  if (!cold_state_ || !is_valid(welcome.member) || (welcome.member.key == table_.self() && !welcome.taken)) return;
  const bool waiting = table_.stage() == Stage::joining || table_.stage() == Stage::cut_off;
  if (waiting && is_same_question(welcome.id, cold_state_->entry.id)) {
    if (!welcome.taken) become_member(environment, welcome);
    return;  // a taken key may belong to an earlier process of this host that is not yet found dead: ask the bootstrap
             // node again
  }
}

// The joiner takes over the list of the member before it. It notifies nobody yet: stabilization will.
void Node::become_member(Environment& environment, const Welcome& welcome) {
  const bool first_time = table_.stage() == Stage::joining;
  Entry& entry = cold_state_->entry;
  const Duration latency = environment.now() - entry.started;
  entry.deadline = never;
  table_.set_stage(Stage::member);
  storage().forget_past(environment.now());
  set_predecessor(environment, welcome.member);
  // Entries that name this node are of a former process of its host. A list that came back to a node that was cut off
  // may be what is left of its own: the member itself is the one entry that certainly lives.
  std::vector<Contact> list;
  for (const Contact contact : welcome.successors.all())
    if (contact.key != table_.self()) list.push_back(contact);
  if (list.empty() || !first_time) list.push_back(welcome.member);
  adopt(environment, list.front(), std::span(list).subspan(1));
  if (first_time) {
    environment.trace(index_of(TraceEvent::joined), {static_cast<std::uint64_t>(latency.count())});
    start_timers(environment, false);
  } else {
    stabilize(environment);
  }
  fix_fingers(environment, true);
}

// A node that may be a better first successor is asked for its neighbours, and adopted if it answers.
void Node::ask_candidate(Environment& environment, Contact candidate) {
  if (stabilization_.active() || !is_valid(candidate)) return;
  candidate_ = candidate;
  ask_neighbours(environment, candidate);
}

// Part 1: ask the first successor for its list and predecessor. A node that knows only its predecessor asks that one.
void Node::stabilize(Environment& environment) {
  if (!is_member() || stabilization_.active()) return;
  if (!table_.successors().empty()) return ask_neighbours(environment, table_.successors().front());
  if (!table_.predecessor()) return;
  candidate_ = table_.predecessor();
  ask_neighbours(environment, candidate_);
}

void Node::ask_neighbours(Environment& environment, Contact peer) {
  const Time now = environment.now();
  stabilization_ = {.asked = now,
                    .deadline = next_deadline(now, peer.address, options_->rpc_timeout, 1),
                    .id = next_id(),
                    .attempts = 1};
  if (hedges() && cold_state_ && cold_state_->round_trips) cold_state_->round_trips->unheard.clear();
  await(environment, stabilization_.deadline);
  environment.send(peer.address, NeighboursQuery{stabilization_.id});
}

void Node::handle(Environment& environment, Address from, const NeighboursQuery& query) {
  if (!is_member()) return;
  Neighbours answer{.id = query.id, .self = table_.self(), .predecessor = table_.predecessor()};
  for (const Contact successor : table_.successors()) answer.successors.add(successor);
  answer.incarnation = incarnation_;
  if (cold_state_ && !cold_state_->storage.incarnations().empty())
    for (const Contact successor : table_.successors())
      answer.incarnations.add(cold_state_->storage.incarnations().of(successor));
  environment.send(from, answer);
}

void Node::handle(Environment& environment, Address from, const Neighbours& answer) {
  if (!stabilization_.active() || !is_same_question(answer.id, stabilization_.id) || !is_member())
    return rtt_.note_late_answer(from, answer.id, environment.now());
  const Contact asked = candidate_ ? candidate_ : table_.successors().front();
  if (from != asked.address || answer.self != asked.key) return;
  note_answer(environment, stabilization_.asked, from, answer.id);
  stabilization_.end();
  adopt(environment, asked, answer.successors.all());
  if (cold_state_ || Storage::may_note(answer, table_))
    storage().note_incarnations(storage_context(environment), asked, answer);
  if (is_valid(answer.predecessor) && table_.precedes_head(answer.predecessor)) {
    candidate_ = answer.predecessor;
    return ask_neighbours(environment, candidate_);
  }
  finish_stabilization(environment);
}

void Node::finish_stabilization(Environment& environment) {
  stabilization_.end();
  candidate_ = {};
  if (!table_.successors().empty()) environment.send(table_.successors().front().address, Notify{table_.self()});
}

void Node::handle_stabilization_silence(Environment& environment) {
  if (!is_member()) return stabilization_.end();
  const Contact asked = candidate_ ? candidate_ : table_.successors().front();
  if (still_waits(environment, stabilization_, asked.address)) return;
  // Of a candidate nothing depends: a short silence is enough, and the next run tries again.
  const unsigned patience = candidate_ ? std::min(options_->rpc_attempts, 2u) : options_->rpc_attempts;
  if (stabilization_.attempts < patience) {
    begin_next_attempt(environment, stabilization_, asked.address);
    if (hedges() && !candidate_) ask_along(environment, stabilization_.attempts == 2);
    return environment.send(asked.address, NeighboursQuery{stabilization_.id});
  }
  rtt_.note_given_up(asked.address, id_of_first_copy(stabilization_.id) + 1, stabilization_.asked);
  if (candidate_) return finish_stabilization(environment);
  stabilization_.end();
  lose_first_successor(environment);
}

// When many die at once, those behind a silent first successor are often dead, too: they are asked at the same time, so
// that the waits for them do not add up. A node that hears nobody may itself be cut off: it drops them one by one.
void Node::ask_along(Environment& environment, bool begins) {
  Punctuality& round_trips = cold_state_.get_or_create().round_trips.get_or_create();
  if (begins) {
    round_trips.unheard.assign(table_.successors().begin() + 1, table_.successors().end());
    round_trips.questions = 0;
    round_trips.hears_others = false;
  }
  ++round_trips.questions;
  for (const Contact successor : round_trips.unheard) environment.send(successor.address, Ping{stabilization_.id});
}

void Node::lose_first_successor(Environment& environment) {
  while (true) {
    const Contact lost = table_.successors().front();
    suspect(environment, lost);
    note_change(environment, table_.drop_successor(*options_, lost));
    if (table_.successors().empty()) return handle_cut_off(environment);
    if (!hedges()) return stabilize(environment);
    Punctuality& round_trips = cold_state_.get_or_create().round_trips.get_or_create();
    if (!round_trips.hears_others || std::erase(round_trips.unheard, table_.successors().front()) == 0)
      return stabilize(environment);
    // It has left as many questions unanswered as were asked along.
    const unsigned attempts = round_trips.questions + 1u;
    if (attempts > options_->rpc_attempts) continue;
    const Contact next = table_.successors().front();
    stabilization_ = {.asked = as_if_asked(environment.now(), next.address, options_->rpc_timeout, attempts),
                      .deadline = next_deadline(environment.now(), next.address, options_->rpc_timeout, attempts),
                      .id = id_of_next_copy(next_id()),
                      .attempts = static_cast<std::uint8_t>(attempts)};
    await(environment, stabilization_.deadline);
    ask_along(environment, false);
    return environment.send(next.address, NeighboursQuery{stabilization_.id});
  }
}

void Node::adopt(Environment& environment, Contact head, std::span<const Contact> following) {
  note_change(environment, table_.adopt(*options_, head, following));
}

void Node::note_change(Environment& environment, RoutingTable::Change change) {
  if (change.head) environment.trace(index_of(TraceEvent::successor_changed), {table_.successors().front().key.value});
  if (change.holders) placement_changed(environment);
}

void Node::set_predecessor(Environment& environment, Contact predecessor) {
  table_.set_predecessor(predecessor, environment.now());
  end_predecessor_check();
  environment.trace(index_of(TraceEvent::predecessor_changed), {predecessor.key.value});
  placement_changed(environment);
}

// Rectify: a notifier that lies closer is the new predecessor; any other becomes it if the old one is found dead.
void Node::handle(Environment& environment, Address from, const Notify& notify) {
  const Contact notifier{notify.self, from};
  if (!is_valid(notifier) || notifier.key == table_.self()) return;
  if (table_.stage() == Stage::cut_off) {
    put_bootstrap_first(from);
    return;
  }
  if (!is_member()) return;
  if (!table_.predecessor() || between(table_.predecessor().key, notifier.key, table_.self())) {
    set_predecessor(environment, notifier);
  } else if (table_.predecessor() == notifier) {
    table_.note_predecessor_heard(environment.now());
    end_predecessor_check();
  } else {
    note_predecessor_candidate(notifier);
    ask_predecessor(environment);
  }
  if (table_.successors().empty()) stabilize(environment);
}

}  // namespace peerbed::ring
