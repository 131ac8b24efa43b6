// How long this node waits: for an answer of a peer by measured round trips, for a whole lookup by measured lookups.
// Whether a wait is over is judged when its deadline comes, by what is known then: a node that learns meanwhile that
// its peers are far away waits on, and sends no copy.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {

// Each wait for the same answer is twice as long as the one before it, up to four times the first.
unsigned doubled(unsigned attempts) noexcept { return 1u << std::min(attempts - 1, 2u); }

// All waits up to this attempt's, in lengths of the first.
unsigned total_waits(unsigned attempts) noexcept { return attempts <= 2 ? 2 * attempts - 1 : 4 * attempts - 5; }

}  // namespace

Duration Node::response_timeout(Address peer, Duration least) const noexcept {
  return rtt_.timeout(peer, least, options_->initial_timeout);
}

// The wait before something is asked again of nobody in particular.
Duration Node::backoff(unsigned attempts) const noexcept {
  return rtt_.typical_timeout(options_->rpc_timeout, options_->rpc_timeout) * doubled(attempts);
}

// When to judge the wait for an attempt that is sent now. While no round trip is known that is soon: until then another
// answer may have told how far away peers are.
Time Node::next_deadline(Time now, Address peer, Duration least, unsigned attempts) const noexcept {
  const Duration wait = rtt_.known() ? response_timeout(peer, least) : least;
  return now + wait * doubled(attempts);
}

// When to judge again a wait whose deadline has come; `now` when it is over.
Time Node::extended_deadline(Time now, Time asked, Address peer, Duration least, unsigned attempts) const noexcept {
  const Time due = asked + response_timeout(peer, least) * total_waits(attempts);
  if (due <= now) return now;
  return rtt_.known() ? due : std::min(due, now + least);
}

// For the first attempt at a lookup. Before any lookup was measured, what its hops should take.
Duration Node::lookup_patience() const noexcept {
  if (lookup_time_.known()) return std::max(options_->lookup_timeout, lookup_time_.timeout());
  const unsigned hops = table_.ring_size_bits(*options_) / 2 + 2;
  return std::max(options_->lookup_timeout,
                  rtt_.typical_timeout(options_->hop_timeout, options_->initial_timeout) * hops);
}

// When a question would have been asked first whose attempt with this number is sent now.
Time Node::as_if_asked(Time now, Address peer, Duration least, unsigned attempts) const noexcept {
  return attempts <= 1 ? now : now - response_timeout(peer, least) * total_waits(attempts - 1);
}

// Judges a probe whose deadline has come.
bool Node::still_waits(Environment& environment, Probe& probe, Address peer) const noexcept {
  probe.deadline = extended_deadline(environment.now(), probe.asked, peer, options_->rpc_timeout, probe.attempts);
  return probe.deadline > environment.now();
}

void Node::begin_next_attempt(Environment& environment, Probe& probe, Address peer) const noexcept {
  ++probe.attempts;
  probe.id = id_of_next_copy(probe.id);
  probe.deadline = next_deadline(environment.now(), peer, options_->rpc_timeout, probe.attempts);
}

// An answer to a copy of a question that was first sent at `asked`.
void Node::note_answer(Environment& environment, Time asked, Address from, std::uint32_t id) {
  if (is_first_copy(id)) return rtt_.note(from, environment.now() - asked);
  rtt_.note_answer_to_copy();
}

}  // namespace peerbed::ring
