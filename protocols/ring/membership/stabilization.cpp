#include "protocols/ring/membership/stabilization.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::ring {

void Stabilization::begin(const Context& context, const RoutingTable& table, AskedAlong* along) {
  PEERBED_CONTRACT(table.is_member(), "only members stabilize");
  if (is_under_way()) return;
  if (!table.successors().empty()) return ask(context, table.successors().front(), along);
  if (table.predecessor()) ask_candidate(context, table.predecessor(), along);
}

void Stabilization::ask_candidate(const Context& context, Contact candidate, AskedAlong* along) {
  PEERBED_CONTRACT(!is_under_way() && candidate, "one peer is asked at a time");
  candidate_ = candidate;
  ask(context, candidate, along);
}

void Stabilization::ask(const Context& context, Contact peer, AskedAlong* along) {
  probe_.begin(context, peer.address);
  if (along != nullptr) along->end();
  context.environment.send(peer.address, NeighboursQuery{probe_.id()});
}

void Stabilization::begin_after(const Context& context, const RoutingTable& table, unsigned attempts) {
  PEERBED_CONTRACT(!is_under_way() && !is_of_candidate(), "the successor before it was given up");
  probe_.begin(context, table.successors().front().address, attempts);
}

Contact Stabilization::asked(const RoutingTable& table) const noexcept {
  if (candidate_) return candidate_;
  PEERBED_CONTRACT(!table.successors().empty(), "who is asked in part 1 is the first successor");
  return table.successors().front();
}

void Stabilization::send_query(const Context& context, const RoutingTable& table) const {
  context.environment.send(asked(table).address, NeighboursQuery{probe_.id()});
}

Contact Stabilization::take_answer(const Context& context, const RoutingTable& table, Address from,
                                   const Neighbours& answer) {
  if (!probe_.is_answer(answer.id) || !table.is_member()) {
    context.rtt.note_late_answer(from, answer.id, context.now());
    return {};
  }
  const Contact peer = asked(table);
  if (from != peer.address || answer.self != peer.key) return {};
  probe_.take_answer(context, from, answer.id);
  return peer;
}

Stabilization::Silence Stabilization::judge_silence(const Context& context, const RoutingTable& table) {
  if (!table.is_member()) {
    probe_.end();
    return Silence::waits;
  }
  const Address peer = asked(table).address;
  if (probe_.still_waits(context, peer)) return Silence::waits;
  // A short silence of a candidate is enough: the next run tries again.
  const unsigned rpc_attempts = context.options.rpc_attempts;
  if (probe_.attempts() < (candidate_ ? std::min(rpc_attempts, 2u) : rpc_attempts)) {
    probe_.begin_next_attempt(context, peer);
    return Silence::asks_again;
  }
  probe_.give_up(context, peer);
  return candidate_ ? Silence::candidate_ends : Silence::successor_ends;
}

void Stabilization::finish(const Context& context, const RoutingTable& table, std::uint32_t incarnation) {
  probe_.end();
  candidate_ = {};
  if (table.successors().empty()) return;
  context.environment.send(table.successors().front().address, Notify{context.self, incarnation});
}

void Stabilization::forget_candidate(Contact peer) noexcept {
  if (candidate_ != peer) return;
  candidate_ = {};
  probe_.end();
}

}  // namespace peerbed::ring
