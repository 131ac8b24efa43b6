// What happens when peers fall silent, come back, or leave, and when this node leaves.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {
constexpr std::uint32_t tries_before_forgotten = 64;
}

// A predecessor notifies in each of its periods, so that only a silent one has to be asked.
void Node::check_predecessor(Environment& environment) {
  const Time recent = environment.now() - options_->check_predecessor_period;
  if (predecessor_ && predecessor_heard_ < recent) ask_predecessor(environment);
  if (occasional_ && !occasional_->lost.empty()) try_lost_contact(environment);
}

void Node::ask_predecessor(Environment& environment) {
  if (!predecessor_ || predecessor_check_.active()) return;
  predecessor_check_ = {.deadline = environment.now() + backoff(1), .id = next_id(), .attempts = 1};
  await(environment, predecessor_check_.deadline);
  environment.send(predecessor_.address, Ping{predecessor_check_.id});
}

void Node::handle_predecessor_silence(Environment& environment) {
  if (predecessor_check_.attempts < options_->rpc_attempts) {
    ++predecessor_check_.attempts;
    predecessor_check_.deadline = environment.now() + backoff(predecessor_check_.attempts);
    return environment.send(predecessor_.address, Ping{predecessor_check_.id});
  }
  suspect(environment, predecessor_);
  lose_predecessor(environment);
}

// Of several that notified meanwhile the closest stays, as it would had each been looked into on its own.
void Node::note_claimant(Contact notifier) {
  Contact& claimant = occasional_.made().claimant;
  if (!claimant || between(claimant.key, notifier.key, self_)) claimant = notifier;
}

void Node::end_predecessor_check() {
  predecessor_check_.end();
  if (occasional_) occasional_->claimant = {};
}

// The predecessor is dead, or has left: who has notified since takes its place at once, else the next one who will.
void Node::lose_predecessor(Environment& environment) {
  const Contact claimant = occasional_ ? occasional_->claimant : Contact{};
  predecessor_ = {};
  end_predecessor_check();
  if (claimant) set_predecessor(environment, claimant);
}

void Node::handle(Environment& environment, Address from, const Ping& ping) {
  if (is_member()) environment.send(from, Pong{ping.id, self_});
}

void Node::handle(Environment& environment, Address from, const Pong& pong) {
  if (predecessor_check_.active() && pong.id == predecessor_check_.id && from == predecessor_.address) {
    if (pong.self != predecessor_.key) return;  // another node has taken over the address
    predecessor_heard_ = environment.now();
    return end_predecessor_check();
  }
  if (!occasional_ || pong.id != occasional_->lost_ping || !is_member()) return;
  const auto returned = std::find_if(occasional_->lost.begin(), occasional_->lost.end(), [&](const LostContact& lost) {
    return lost.contact == Contact{pong.self, from};
  });
  if (returned == occasional_->lost.end()) return;
  occasional_->lost.erase(returned);
  // Perhaps it was in another part of a divided network and knows a ring of its own: ask there for this node's place.
  occasional_->reunion = next_id();
  environment.send(
      from,
      Find{.id = occasional_->reunion, .key = self_, .asker = environment.self(), .purpose = Find::Purpose::join});
}

// A peer answered nothing, however often it was asked.
void Node::suspect(Environment& environment, Contact peer) {
  environment.trace(index_of(TraceEvent::peer_suspected), {peer.key.value});
  fingers_.remove(peer);
  auto& lost = occasional_.made().lost;
  if (std::any_of(lost.begin(), lost.end(), [&](const LostContact& entry) { return entry.contact == peer; })) return;
  if (lost.size() == maximum_lost_contacts) lost.erase(lost.begin());
  lost.push_back({.contact = peer});
}

void Node::try_lost_contact(Environment& environment) {
  if (!is_member()) return;
  auto& lost = occasional_->lost;
  occasional_->next_lost = (occasional_->next_lost + 1) % lost.size();
  LostContact& chosen = lost[occasional_->next_lost];
  const Address address = chosen.contact.address;
  if (++chosen.tries > tries_before_forgotten) {
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(occasional_->next_lost));
    return;
  }
  occasional_->lost_ping = next_id();
  environment.send(address, Ping{occasional_->lost_ping});
}

// All successors are lost. The fingers and the predecessor are members, too: the nearest that lives leads back to the
// ring, and stabilization from there to this node's place. Else whoever this node ever knew may know the way.
void Node::handle_cut_off(Environment& environment) {
  environment.trace(index_of(TraceEvent::cut_off), {});
  std::vector<Contact> known(fingers_.all().begin(), fingers_.all().end());
  if (predecessor_ && (known.empty() || known.back() != predecessor_)) known.push_back(predecessor_);
  if (!known.empty()) {
    adopt(environment, known.front(), std::span(known).subspan(1));
    return stabilize(environment);
  }
  stage_ = Stage::cut_off;
  enter(environment, occasional_.made().entry.doors);
}

void Node::handle(Environment& environment, Address from, const Leaving& leaving) {
  const Contact leaver{leaving.self, from};
  if (!is_member() || !is_valid(leaver)) return;
  forget(environment, leaver);
}

// As if the peer had been found dead, only sooner.
void Node::forget(Environment& environment, Contact peer) {
  fingers_.remove(peer);
  if (occasional_ && occasional_->claimant == peer) occasional_->claimant = {};
  if (predecessor_ == peer) lose_predecessor(environment);
  if (candidate_ == peer) {
    candidate_ = {};
    stabilization_.end();
  }
  const auto place = std::find(successors_.begin(), successors_.end(), peer);
  if (place == successors_.end()) return;
  const bool was_head = place == successors_.begin();
  std::vector<Contact> rest(successors_.begin(), place);
  rest.insert(rest.end(), place + 1, successors_.end());
  change_successors(environment, rest);
  if (!was_head) return;
  if (!candidate_) stabilization_.end();
  if (!successors_.empty()) return stabilize(environment);
  if (predecessor_) return stabilize(environment);
}

// Leaving takes one period of repair at most: first the values go to the next nodes, then the neighbours are told.
void Node::on_leave(Environment& environment) {
  if (coursework_) return coursework_->on_leave(environment);
  if (stage_ != Stage::member || !options_->notify_on_leave || successors_.empty()) return finish_leaving(environment);
  stage_ = Stage::leaving;
  if (value_count() == 0) return finish_leaving(environment);
  occasional_->store.leave_deadline = environment.now() + backoff(1);
  await(environment, occasional_->store.leave_deadline);
  occasional_->store.hurry = 0;  // counts the attempts to hand over, from here on
  offer_all_values(environment);
}

void Node::finish_leaving(Environment& environment) {
  if (stage_ == Stage::leaving && occasional_ && value_count() > 0 &&
      occasional_->store.hurry < options_->rpc_attempts) {
    ++occasional_->store.hurry;
    const bool complete = std::all_of(occasional_->store.values.begin(), occasional_->store.values.end(),
                                      [this](const auto& entry) { return is_settled(entry.second); });
    if (!complete) {
      occasional_->store.leave_deadline = environment.now() + backoff(occasional_->store.hurry);
      await(environment, occasional_->store.leave_deadline);
      return offer_all_values(environment);
    }
  }
  if (options_->notify_on_leave && is_member()) {
    if (predecessor_) environment.send(predecessor_.address, Leaving{self_});
    for (const Contact successor : std::span(successors_).first(std::min<std::size_t>(successors_.size(), 2)))
      environment.send(successor.address, Leaving{self_});
  }
  stage_ = Stage::gone;
  environment.trace(index_of(TraceEvent::left), {});
  environment.exit();
}

}  // namespace peerbed::ring
