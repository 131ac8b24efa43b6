#include "protocols/ring/rtt_tracker.h"

#include <algorithm>

namespace peerbed::ring {

namespace {

std::uint32_t to_microseconds(Duration duration) noexcept {
  const auto count = std::chrono::ceil<std::chrono::microseconds>(duration).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 1, UINT32_MAX));
}

}  // namespace

void RoundTrip::note(Duration sample) noexcept {
  const std::int64_t measured = to_microseconds(sample);
  if (!known()) {
    mean_ = static_cast<std::uint32_t>(measured);
    variation_ = mean_ / 2;
    return;
  }
  const std::int64_t difference = measured - std::int64_t{mean_};
  const std::int64_t deviation = difference < 0 ? -difference : difference;
  variation_ = static_cast<std::uint32_t>(std::int64_t{variation_} + (deviation - std::int64_t{variation_}) / 4);
  mean_ = static_cast<std::uint32_t>(std::max<std::int64_t>(std::int64_t{mean_} + difference / 8, 1));
}

Duration RoundTrip::timeout() const noexcept {
  const std::uint64_t room = std::max<std::uint64_t>(4ULL * variation_, mean_ / 2);
  return std::chrono::microseconds(mean_ + room);
}

Duration RttTracker::timeout(Address peer, Duration least, Duration initial) const noexcept {
  const Duration typical = typical_timeout(least, initial);
  if (!exceptions_) return typical;
  const auto& slow = exceptions_->slow;
  const auto found =
      std::find_if(slow.begin(), slow.end(), [peer](const SlowPeer& entry) { return entry.address == peer; });
  if (found == slow.end()) return typical;
  return std::clamp(found->round_trip.timeout(), least, std::max(least, longest_timeout));
}

Duration RttTracker::typical_timeout(Duration least, Duration initial) const noexcept {
  if (!all_.known()) return std::max(least, initial);
  return std::clamp(all_.timeout(), least, std::max(least, longest_timeout));
}

// A peer whose answer came later than those of most has an entry, until its own timeout is that of the others.
void RttTracker::note(Address peer, Duration sample) {
  const Duration usual = all_.known() ? all_.timeout() : sample;
  all_.note(sample);
  if (doubt_ > 0) --doubt_;
  if (!exceptions_ && sample <= usual) return;
  std::erase_if(exceptions_.made().open, [peer](const OpenQuestion& entry) { return entry.peer == peer; });
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
  auto& open = exceptions_.made().open;
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
