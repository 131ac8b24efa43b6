#include "protocols/coursework/letters.h"

#include <algorithm>

namespace peerbed::coursework {

Letter* Letters::add(std::uint32_t id, Address to, Bytes bytes) {
  if (outbox_.size() >= maximum_outbox) return nullptr;
  return &outbox_.emplace_back(Letter{.id = id, .to = to, .bytes = {bytes.begin(), bytes.end()}});
}

bool Letters::confirm(std::uint32_t id) {
  const auto letter = std::find_if(outbox_.begin(), outbox_.end(), [&](const Letter& entry) { return entry.id == id; });
  if (letter == outbox_.end()) return false;
  outbox_.erase(letter);
  return true;
}

void Letters::discard_given_up() {
  std::erase_if(outbox_, [](const Letter& letter) { return letter.attempts == 0; });
}

bool Letters::is_new(Address from, std::uint32_t id) {
  const std::pair mark{from, id};
  if (std::find(seen_.begin(), seen_.end(), mark) != seen_.end()) return false;
  if (seen_.size() == maximum_seen) seen_.erase(seen_.begin());
  seen_.push_back(mark);
  return true;
}

}  // namespace peerbed::coursework
