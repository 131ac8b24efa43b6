#include "protocols/kademlia/lookups/questions.h"

#include <algorithm>

namespace peerbed::kademlia {

bool Questions::may_check(const Contact& contact) const noexcept {
  std::size_t checks = 0;
  for (const Question& question : pending_) {
    if (question.purpose != Question::Purpose::check && question.purpose != Question::Purpose::newcomer) continue;
    if (question.contact == contact) return false;
    ++checks;
  }
  return checks < maximum_checks && !is_full();
}

bool Questions::has(std::uint32_t id) const noexcept {
  return std::any_of(pending_.begin(), pending_.end(), [id](const Question& question) { return question.id == id; });
}

std::optional<Question> Questions::take_answered(std::uint32_t id, Address from) noexcept {
  const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Question& question) {
    return question.id == id && question.contact.address == from;
  });
  if (found == pending_.end()) return std::nullopt;
  const Question question = *found;
  pending_.erase(found);
  return question;
}

std::optional<Question> Questions::take_overdue(Time now) noexcept {
  const auto found = std::find_if(pending_.begin(), pending_.end(),
                                  [now](const Question& question) { return question.deadline <= now; });
  if (found == pending_.end()) return std::nullopt;
  const Question question = *found;
  pending_.erase(found);
  return question;
}

Time Questions::earliest_deadline() const noexcept {
  Time earliest = never;
  for (const Question& question : pending_) earliest = std::min(earliest, question.deadline);
  return earliest;
}

}  // namespace peerbed::kademlia
