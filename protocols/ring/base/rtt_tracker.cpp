#include "protocols/ring/base/rtt_tracker.h"

#include <algorithm>

namespace peerbed::ring {

Duration RttTracker::particular_timeout(Address peer, Duration least, Duration initial) const noexcept {
  const auto& slow = exceptions_->slow;
  const auto found =
      std::find_if(slow.begin(), slow.end(), [peer](const SlowPeer& entry) { return entry.address == peer; });
  if (found == slow.end()) return typical_timeout(least, initial);
  return std::clamp(found->round_trip.timeout(), least, std::max(least, longest_timeout));
}

// A peer whose answer came later than those of most has an entry, until its own timeout is that of the others.
void RttTracker::note_particular(Address peer, Duration sample, Duration usual) {
  std::erase_if(exceptions_.get_or_create().open, [peer](const OpenQuestion& entry) { return entry.peer == peer; });
  auto& slow = exceptions_->slow;
  const auto found =
      std::find_if(slow.begin(), slow.end(), [peer](const SlowPeer& entry) { return entry.address == peer; });
  SlowPeer entry{.address = peer, .round_trip = {}};
  if (found != slow.end()) {
    entry = *found;
    slow.erase(found);
  } else if (sample <= usual) {
    return;
  }
  entry.round_trip.note(sample);
  if (entry.round_trip.timeout() <= all_.timeout()) return;
  if (slow.size() == maximum_slow_peers) slow.erase(slow.begin());
  slow.push_back(entry);
}

void RttTracker::note_given_up(Address peer, std::uint32_t id, Time asked) {
  auto& open = exceptions_.get_or_create().open;
  if (open.size() == maximum_open_questions) open.erase(open.begin());
  open.push_back({.peer = peer, .id = id, .asked = asked});
}

bool RttTracker::is_silent(Address peer) const noexcept {
  if (!exceptions_) return false;
  const auto& open = exceptions_->open;
  return std::any_of(open.begin(), open.end(), [peer](const OpenQuestion& entry) { return entry.peer == peer; });
}

void RttTracker::note_late_answer(Address peer, std::uint32_t id, Time now) {
  if (!exceptions_) return;
  auto& open = exceptions_->open;
  const auto found = std::find_if(open.begin(), open.end(),
                                  [&](const OpenQuestion& entry) { return entry.peer == peer && entry.id == id; });
  if (found == open.end()) return;
  const Duration sample = now - found->asked;
  note(peer, sample);
  note_answer_to_copy();
}

}  // namespace peerbed::ring
