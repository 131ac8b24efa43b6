#include "protocols/ring/membership/predecessor_check.h"

#include "protocols/environment/contract.h"
#include "protocols/ring/wire/membership_messages.h"

namespace peerbed::ring {

void PredecessorCheck::begin(const Context& context, Contact predecessor) {
  PEERBED_CONTRACT(predecessor, "there is a predecessor to check");
  if (probe_.is_open()) return;
  probe_.begin(context, predecessor.address);
  context.environment.send(predecessor.address, Ping{probe_.id()});
}

void PredecessorCheck::take_answer(const Context& context, Contact predecessor, std::uint32_t id) {
  probe_.take_answer(context, predecessor.address, id);
  end();
}

PredecessorCheck::Silence PredecessorCheck::judge_silence(const Context& context, Contact predecessor) {
  if (probe_.still_waits(context, predecessor.address)) return Silence::waits;
  if (probe_.attempts() < context.options.rpc_attempts) {
    probe_.begin_next_attempt(context, predecessor.address);
    context.environment.send(predecessor.address, Ping{probe_.id()});
    return Silence::waits;
  }
  probe_.give_up(context, predecessor.address);
  return Silence::is_death;
}

void PredecessorCheck::end() noexcept {
  probe_.end();
  candidate_ = {};
}

void PredecessorCheck::note_candidate(Key self, Contact notifier) noexcept {
  if (!candidate_ || between(candidate_.key, notifier.key, self)) candidate_ = notifier;
}

void PredecessorCheck::forget_candidate(Contact peer) noexcept {
  if (candidate_ == peer) candidate_ = {};
}

Contact PredecessorCheck::take_candidate() noexcept {
  const Contact candidate = candidate_;
  end();
  return candidate;
}

}  // namespace peerbed::ring
