#include "sim/streams/scoreboard.h"

#include <algorithm>

namespace peerbed::sim {

void Scoreboard::sent(std::uint64_t end, Time now) {
  log_.push_back({{next_, end}, now});
  next_ = end;
}

void Scoreboard::sent_again(ByteRange range, Time now) {
  lost_.remove(range);
  log_.push_back({range, now});
}

std::uint64_t Scoreboard::acknowledge(std::uint64_t end) {
  if (end <= acknowledged_) return 0;
  const std::uint64_t before = end - acknowledged_;
  const std::uint64_t known = selective_.remove_below(end);
  lost_.remove_below(end);
  acknowledged_ = end;
  while (!log_.empty() && log_.front().range.end <= end) log_.pop_front();
  return before - known;
}

std::uint64_t Scoreboard::acknowledge_selectively(ByteRange range) {
  range = {std::max(range.begin, acknowledged_), std::min(range.end, next_)};
  if (range.begin >= range.end) return 0;
  if (!lost_.empty()) lost_.remove(range);
  return selective_.add(range);
}

void Scoreboard::arrived(Time sent, std::uint64_t end, Time now) noexcept {
  if (sent < newest_) return;
  newest_end_ = sent == newest_ ? std::max(newest_end_, end) : end;
  newest_ = sent;
  round_trip_ = now - sent;
}

Time Scoreboard::detect_losses(Time now, Duration patience) {
  while (!log_.empty() && log_.front().sent <= newest_) {
    Transmission& first = log_.front();
    // Of what was sent at that same instant, only what precedes the bytes that arrived.
    const std::uint64_t end = first.sent == newest_ ? std::min(first.range.end, newest_end_) : first.range.end;
    const ByteRange range{std::max(first.range.begin, acknowledged_), std::max(end, acknowledged_)};
    if (range.size() > 0 && selective_.covered(range) < range.size()) {
      const Time late = first.sent + round_trip_ + patience;
      if (now < late) return late;
      lose(range);
    }
    if (end < first.range.end) {
      first.range.begin = std::max(first.range.begin, end);
      break;
    }
    log_.pop_front();
  }
  return Time::max();
}

// Marks the missing part of the range as lost.
void Scoreboard::lose(ByteRange range) {
  const auto arrived = selective_.all();
  std::uint64_t at = range.begin;
  for (std::size_t i = selective_.first_behind(at); i < arrived.size() && arrived[i].begin < range.end; ++i) {
    if (at < arrived[i].begin) lost_.add({at, arrived[i].begin});
    at = arrived[i].end;
  }
  if (at < range.end) lost_.add({at, range.end});
  lost_below_ = std::max(lost_below_, range.end);
}

void Scoreboard::lose_all() {
  departed_ = 0;
  log_.clear();
  lose({acknowledged_, next_});
}

void Scoreboard::lose_first() { lost_.add({acknowledged_, std::min(next_, acknowledged_ + packet_payload)}); }

std::optional<ByteRange> Scoreboard::first_lost(std::uint64_t limit) const {
  if (lost_.empty()) return std::nullopt;
  ByteRange first = lost_.all().front();
  first.end = std::min(first.end, first.begin + limit);
  return first;
}

void Scoreboard::clear() {
  selective_.clear();
  lost_.clear();
  log_.clear();
  acknowledged_ = next_ = newest_end_ = lost_below_ = departed_ = 0;
  newest_ = {};
}

}  // namespace peerbed::sim
