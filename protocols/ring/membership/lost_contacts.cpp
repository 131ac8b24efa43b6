#include "protocols/ring/membership/lost_contacts.h"

#include <algorithm>

#include "protocols/ring/wire/membership_messages.h"

namespace peerbed::ring {

namespace {
// Each is tried at least so often.
constexpr Duration longest_absence = std::chrono::minutes(2);
// One that answers so often is part of the ring again.
constexpr std::uint32_t answers_before_trusted = 4;
}  // namespace

void LostContacts::note(Time now, Address address) {
  if (std::any_of(lost_.begin(), lost_.end(), [&](const LostContact& entry) { return entry.address == address; }))
    return;
  const auto has_fewer_tries = [](const LostContact& one, const LostContact& other) { return one.tries < other.tries; };
  if (lost_.size() == maximum_lost_contacts) lost_.erase(std::max_element(lost_.begin(), lost_.end(), has_fewer_tries));
  lost_.push_back({.address = address, .due = now});
}

void LostContacts::try_one(const Context& context) {
  if (lost_.empty()) return;
  const Time now = context.now();
  const Duration period = context.options.check_predecessor_period;
  const auto is_due_before = [](const LostContact& one, const LostContact& other) { return one.due < other.due; };
  LostContact& chosen = *std::min_element(lost_.begin(), lost_.end(), is_due_before);
  if (chosen.due > now) return;
  const Duration wait = period * (1 << std::min<std::uint32_t>(chosen.tries, 16));
  chosen.due = now + std::min(wait, std::max(longest_absence, period));
  if (chosen.tries < UINT32_MAX) ++chosen.tries;
  context.environment.send(chosen.address, Ping{context.ids.next()});
}

bool LostContacts::take_answer(Address from) {
  const auto returned =
      std::find_if(lost_.begin(), lost_.end(), [from](const LostContact& entry) { return entry.address == from; });
  if (returned == lost_.end()) return false;
  if (++returned->answers == answers_before_trusted) lost_.erase(returned);
  return true;
}

}  // namespace peerbed::ring
