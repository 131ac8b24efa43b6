// What happens when peers fall silent, come back, or leave, and when this node leaves.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {
// Lost contacts are tried for ever, each after twice the time of the try before it, and at least so often.
constexpr Duration longest_absence = std::chrono::minutes(2);
// One that answers so often is part of the ring again.
constexpr std::uint32_t answers_before_trusted = 4;
}  // namespace

// A predecessor notifies in each of its periods, so that only a silent one has to be asked.
void Node::check_predecessor(Environment& environment) {
  const Time recent = environment.now() - options_->check_predecessor_period;
  if (table_.predecessor() && table_.predecessor_heard() < recent) ask_predecessor(environment);
  if (cold_state_ && !cold_state_->lost.empty()) try_lost_contact(environment);
}

void Node::ask_predecessor(Environment& environment) {
  if (!table_.predecessor()) return;
  Probe& check = cold_state_.get_or_create().predecessor_check;
  if (check.active()) return;
  const Time now = environment.now();
  const Time deadline = next_deadline(now, table_.predecessor().address, options_->rpc_timeout, 1);
  check = {.asked = now, .deadline = deadline, .id = next_id(), .attempts = 1};
  await(environment, deadline);
  environment.send(table_.predecessor().address, Ping{check.id});
}

void Node::handle_predecessor_silence(Environment& environment) {
  Probe& check = cold_state_->predecessor_check;
  if (still_waits(environment, check, table_.predecessor().address)) return;
  if (check.attempts < options_->rpc_attempts) {
    begin_next_attempt(environment, check, table_.predecessor().address);
    return environment.send(table_.predecessor().address, Ping{check.id});
  }
  rtt_.note_given_up(table_.predecessor().address, id_of_first_copy(check.id) + 1, check.asked);
  suspect(environment, table_.predecessor());
  lose_predecessor(environment);
}

bool Node::is_answer_of_predecessor(Address from, std::uint32_t id) const noexcept {
  if (!cold_state_ || !table_.predecessor() || from != table_.predecessor().address) return false;
  const Probe& check = cold_state_->predecessor_check;
  return check.active() && is_same_question(id, check.id);
}

// Of several that notified meanwhile the closest stays, as it would had each been looked into on its own.
void Node::note_predecessor_candidate(Contact notifier) {
  Contact& predecessor_candidate = cold_state_.get_or_create().predecessor_candidate;
  if (!predecessor_candidate || between(predecessor_candidate.key, notifier.key, table_.self()))
    predecessor_candidate = notifier;
}

void Node::end_predecessor_check() {
  if (!cold_state_) return;
  cold_state_->predecessor_check.end();
  cold_state_->predecessor_candidate = {};
}

// The predecessor is dead, or has left: who has notified since takes its place at once, else the next one who will.
void Node::lose_predecessor(Environment& environment) {
  const Contact predecessor_candidate = cold_state_ ? cold_state_->predecessor_candidate : Contact{};
  table_.forget_predecessor();
  end_predecessor_check();
  if (predecessor_candidate) set_predecessor(environment, predecessor_candidate);
}

void Node::handle(Environment& environment, Address from, const Ping& ping) {
  if (is_member()) environment.send(from, Pong{ping.id, table_.self()});
}

void Node::handle(Environment& environment, Address from, const Pong& pong) {
  if (is_answer_of_predecessor(from, pong.id)) {
    if (pong.self != table_.predecessor().key) return;  // another node has taken over the address
    note_answer(environment, cold_state_->predecessor_check.asked, from, pong.id);
    table_.note_predecessor_heard(environment.now());
    return end_predecessor_check();
  }
  rtt_.note_late_answer(from, pong.id, environment.now());
  if (!cold_state_ || pong.self == table_.self() || !is_member() || !space().contains(pong.self)) return;
  const auto returned = std::find_if(cold_state_->lost.begin(), cold_state_->lost.end(),
                                     [from](const LostContact& lost) { return lost.address == from; });
  if (returned == cold_state_->lost.end()) return;
  // Perhaps it was in another part of a divided network and is of a ring of its own: whoever is to precede it in this
  // one should know. It is told several times, as it may be busy, and others may be on their way there.
  if (++returned->answers == answers_before_trusted) cold_state_->lost.erase(returned);
  const Find find{.id = next_id(), .key = pong.self, .asker = from, .purpose = Find::Purpose::introduction};
  route(environment, find, begin_route(find.key));
}

// A peer answered nothing, however often it was asked.
void Node::suspect(Environment& environment, Contact peer) {
  environment.trace(index_of(TraceEvent::peer_suspected), {peer.key.value});
  table_.forget_finger(peer);
  note_lost(environment.now(), peer.address);
}

// Who was tried most often is the least likely to be back.
void Node::note_lost(Time now, Address address) {
  auto& lost = cold_state_.get_or_create().lost;
  if (std::any_of(lost.begin(), lost.end(), [&](const LostContact& entry) { return entry.address == address; })) return;
  const auto has_fewer_tries = [](const LostContact& one, const LostContact& other) { return one.tries < other.tries; };
  if (lost.size() == maximum_lost_contacts) lost.erase(std::max_element(lost.begin(), lost.end(), has_fewer_tries));
  lost.push_back({.address = address, .due = now});
}

// At most one in each period, that which is due for the longest time.
void Node::try_lost_contact(Environment& environment) {
  if (!is_member()) return;
  const Time now = environment.now();
  auto& lost = cold_state_->lost;
  LostContact& chosen = *std::min_element(
      lost.begin(), lost.end(), [](const LostContact& one, const LostContact& other) { return one.due < other.due; });
  if (chosen.due > now) return;
  const Duration wait = options_->check_predecessor_period * (1 << std::min<std::uint32_t>(chosen.tries, 16));
  chosen.due = now + std::min(wait, std::max(longest_absence, options_->check_predecessor_period));
  if (chosen.tries < UINT32_MAX) ++chosen.tries;
  environment.send(chosen.address, Ping{next_id()});
}

// All successors are lost. The fingers and the predecessor are members, too: the nearest live one leads back to the
// ring, and stabilization from there to this node's place. Otherwise any node that was ever known may know the way.
void Node::handle_cut_off(Environment& environment) {
  environment.trace(index_of(TraceEvent::cut_off), {});
  std::vector<Contact> known(table_.fingers().all().begin(), table_.fingers().all().end());
  if (table_.predecessor() && (known.empty() || known.back() != table_.predecessor()))
    known.push_back(table_.predecessor());
  if (!known.empty()) {
    adopt(environment, known.front(), std::span(known).subspan(1));
    return stabilize(environment);
  }
  table_.set_stage(Stage::cut_off);
  enter(environment, cold_state_.get_or_create().entry.bootstrap);
}

void Node::handle(Environment& environment, Address from, const Leaving& leaving) {
  const Contact leaver{leaving.self, from};
  if (!is_member() || !is_valid(leaver)) return;
  forget(environment, leaver);
}

// As if the peer had been found dead, only sooner.
void Node::forget(Environment& environment, Contact peer) {
  table_.forget_finger(peer);
  if (cold_state_ && cold_state_->predecessor_candidate == peer) cold_state_->predecessor_candidate = {};
  if (table_.predecessor() == peer) lose_predecessor(environment);
  if (candidate_ == peer) {
    candidate_ = {};
    stabilization_.end();
  }
  const bool was_head = !table_.successors().empty() && table_.successors().front() == peer;
  note_change(environment, table_.drop_successor(*options_, peer));
  if (!was_head) return;
  if (!candidate_) stabilization_.end();
  if (!table_.successors().empty()) return stabilize(environment);
  if (table_.predecessor()) return stabilize(environment);
}

// Leaving takes one period of repair at most: first the values go to the next nodes, then the neighbours are told.
void Node::on_leave(Environment& environment) {
  if (table_.stage() != Stage::member || !options_->notify_on_leave || table_.successors().empty())
    return finish_leaving(environment);
  table_.set_stage(Stage::leaving);
  if (value_count() == 0) return finish_leaving(environment);
  cold_state_->storage.begin_leaving(storage_context(environment));
}

void Node::finish_leaving(Environment& environment) {
  const bool is_leaving = table_.stage() == Stage::leaving && cold_state_;
  if (is_leaving && cold_state_->storage.goes_on_leaving(storage_context(environment))) return;
  if (options_->notify_on_leave && is_member()) {
    if (table_.predecessor()) environment.send(table_.predecessor().address, Leaving{table_.self()});
    for (const Contact successor :
         std::span(table_.successors()).first(std::min<std::size_t>(table_.successors().size(), 2)))
      environment.send(successor.address, Leaving{table_.self()});
  }
  table_.set_stage(Stage::gone);
  environment.trace(index_of(TraceEvent::left), {});
  environment.exit();
}

}  // namespace peerbed::ring
