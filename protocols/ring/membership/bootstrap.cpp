#include "protocols/ring/membership/bootstrap.h"

#include <algorithm>

#include "protocols/environment/contract.h"
#include "protocols/ring/wire/routing_messages.h"

namespace peerbed::ring {

Bootstrap::Bootstrap(std::span<const Address> nodes) {
  const auto kept = nodes.first(std::min(nodes.size(), maximum_bootstrap));
  nodes_.assign(kept.begin(), kept.end());
}

void Bootstrap::put_first(Address node) {
  nodes_.insert(nodes_.begin(), node);
  if (nodes_.size() > maximum_bootstrap) nodes_.pop_back();
  asked_ = std::min(asked_ + 1, nodes_.size());
}

void Bootstrap::begin(Time now) noexcept {
  next_ = 0;
  attempts_ = 0;
  started_ = now;
}

void Bootstrap::ask(const Context& context, Duration patience) {
  const Address node = begin_attempt(context, patience);
  const Address asker = context.environment.self();
  context.environment.send(node, Find{.id = id_, .key = context.self, .asker = asker, .purpose = Find::Purpose::join});
}

// The next one, which is then waited for.
Address Bootstrap::begin_attempt(const Context& context, Duration patience) {
  PEERBED_CONTRACT(!nodes_.empty(), "a node that looks for its place knows whom to ask");
  if (next_ >= nodes_.size()) next_ = 0;
  number_copy(context);
  // The first round has short waits, because most nodes are dead if the first one is. Later rounds wait longer.
  const std::uint32_t rounds = attempts_++ / std::max<std::uint32_t>(static_cast<std::uint32_t>(nodes_.size()), 4);
  deadline_ = context.now() + patience * (1 << std::min<std::uint32_t>(rounds, 5));
  context.await(deadline_);
  return nodes_[next_++];
}

void Bootstrap::number_copy(const Context& context) {
  const bool is_first = attempts_ == 0 || id_of_next_copy(id_) == id_;
  id_ = is_first ? context.ids.next() : id_of_next_copy(id_);
}

// ---- whether others can reach this node
// ------------------------------------------------------------------------------

// Only a call from a node that has not heard of this one proves anything: a NAT or firewall lets in what may be an
// answer. A call may be lost on three ways, so one that is missed does not prove the contrary.
void Bootstrap::ask_for_call(const Context& context, Duration patience) {
  if (!has_answered_) {
    const Address node = begin_attempt(context, patience);
    asked_ = std::max(asked_, next_);
    return context.environment.send(node, CallBackQuery{id_});
  }
  if (++missed_calls_ >= context.options.rpc_attempts) return conclude(Reach::closed);
  number_copy(context);
  deadline_ = context.now() + context.backoff(missed_calls_ + 1u);
  context.await(deadline_);
  context.environment.send(nodes_[next_ - 1], CallBackQuery{id_});
}

void Bootstrap::take(const Context& context, Address from, const Called& called) {
  if (reach_ != Reach::unknown || deadline_ == never || !is_answer(called.id)) return;
  const auto heard = nodes_.begin() + static_cast<std::ptrdiff_t>(std::min(asked_, nodes_.size()));
  const bool is_answer_of_asked = std::find(nodes_.begin(), heard, from) != heard;
  // Members know one another by their own addresses.
  if (called.seen != context.environment.self()) return conclude(Reach::closed);
  if (!is_answer_of_asked || !called.by_others) return conclude(Reach::open);
  if (has_answered_ || from != nodes_[next_ - 1]) return;
  has_answered_ = true;
  deadline_ = context.now() + context.backoff(1);
  context.await(deadline_);
}

void Bootstrap::conclude(Reach reach) noexcept {
  reach_ = reach;
  next_ = 0;
  attempts_ = 0;
  deadline_ = never;
}

// ---- a guest -------------------------------------------------------------------------------------------------------

void Bootstrap::note_heard(Address node) {
  std::erase(nodes_, node);
  nodes_.insert(nodes_.begin(), node);
  if (nodes_.size() > maximum_known_by_guest) nodes_.pop_back();
}

void Bootstrap::note_silent(Address node) noexcept {
  const auto silent = std::find(nodes_.begin(), nodes_.end(), node);
  if (silent != nodes_.end()) std::rotate(silent, silent + 1, nodes_.end());
}

}  // namespace peerbed::ring
