#include "protocols/ring/base/patience.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::ring {

namespace {

unsigned doubled(unsigned attempts) noexcept {
  PEERBED_CONTRACT(attempts >= 1, "attempts are counted from 1");
  return 1u << std::min(attempts - 1, 2u);
}

// All waits up to this attempt's, in lengths of the first.
unsigned total_waits(unsigned attempts) noexcept { return attempts <= 2 ? 2 * attempts - 1 : 4 * attempts - 5; }

}  // namespace

Time next_deadline(const Context& context, Address peer, Duration least, unsigned attempts) noexcept {
  const Duration wait = context.rtt.known() ? context.response_timeout(peer, least) : least;
  return context.now() + wait * doubled(attempts);
}

Time extended_deadline(const Context& context, Time asked, Address peer, Duration least, unsigned attempts) noexcept {
  const Time due = asked + context.response_timeout(peer, least) * total_waits(attempts);
  if (due <= context.now()) return context.now();
  return context.rtt.known() ? due : std::min(due, context.now() + least);
}

Duration hedge_delay(const Context& context) noexcept {
  if (!context.options.hedges()) return never - time_zero;
  return context.rtt.typical_timeout(context.options.hedge_after, context.options.hop_timeout);
}

void note_answer(const Context& context, Time asked, Address from, std::uint32_t id) {
  if (is_first_copy(id)) return context.rtt.note(from, context.now() - asked);
  context.rtt.note_answer_to_copy();
}

void note_given_up(const Context& context, Time asked, Address peer, std::uint32_t id) {
  context.rtt.note_given_up(peer, id_of_first_copy(id) + 1, asked);
}

void Probe::begin(const Context& context, Address peer, unsigned attempts) {
  const Duration least = context.options.rpc_timeout;
  const bool is_first = attempts == 1;
  asked_ = context.now();
  if (!is_first) asked_ -= context.response_timeout(peer, least) * total_waits(attempts - 1);
  deadline_ = next_deadline(context, peer, least, attempts);
  id_ = is_first ? context.ids.next() : id_of_next_copy(context.ids.next());
  attempts_ = static_cast<std::uint8_t>(attempts);
  context.await(deadline_);
}

bool Probe::still_waits(const Context& context, Address peer) noexcept {
  PEERBED_CONTRACT(is_open(), "a probe waits for an answer");
  deadline_ = extended_deadline(context, asked_, peer, context.options.rpc_timeout, attempts_);
  return deadline_ > context.now();
}

void Probe::begin_next_attempt(const Context& context, Address peer) noexcept {
  PEERBED_CONTRACT(is_open(), "a question that is asked again was asked");
  ++attempts_;
  id_ = id_of_next_copy(id_);
  deadline_ = next_deadline(context, peer, context.options.rpc_timeout, attempts_);
}

void Probe::take_answer(const Context& context, Address peer, std::uint32_t id) {
  PEERBED_CONTRACT(is_answer(id), "an answer is to the question that is open");
  note_answer(context, asked_, peer, id);
  end();
}

void Probe::give_up(const Context& context, Address peer) {
  note_given_up(context, asked_, peer, id_);
  end();
}

}  // namespace peerbed::ring
