#include "sim/scoreboard.h"

#include <algorithm>

namespace peerbed::sim {

std::uint64_t Scoreboard::acknowledge(std::uint64_t end) {
  if (end <= acknowledged_) return 0;
  const std::uint64_t before = end - acknowledged_;
  if (lost_ > 0) lost_ -= missing({resent_below_, std::min(end, lost_below_)});
  const std::uint64_t known = selective_.remove_below(end);
  acknowledged_ = end;
  lost_below_ = std::max(lost_below_, end);
  resent_below_ = std::max(resent_below_, end);
  return before - known;
}

std::uint64_t Scoreboard::acknowledge_selectively(ByteRange range) {
  range = {std::max(range.begin, acknowledged_), std::min(range.end, next_)};
  if (range.begin >= range.end) return 0;
  if (lost_ > 0) lost_ -= missing({std::max(range.begin, resent_below_), std::min(range.end, lost_below_)});
  return selective_.add(range);
}

bool Scoreboard::detect_losses() {
  if (selective_.empty()) return false;
  // Going down from the highest byte that arrived, to where more than two packets' worth did.
  std::uint64_t behind = 0;
  const auto ranges = selective_.all();
  for (std::size_t i = ranges.size(); i-- > 0;) {
    behind += ranges[i].size();
    if (behind <= 2 * packet_payload) continue;
    const std::uint64_t below = ranges[i].begin;
    if (below <= lost_below_) return false;
    const std::uint64_t more = missing({std::max(lost_below_, resent_below_), below});
    lost_below_ = below;
    lost_ += more;
    return more > 0;
  }
  return false;
}

void Scoreboard::lose_first() {
  resent_below_ = acknowledged_;
  lost_below_ = std::min(next_, acknowledged_ + packet_payload);
  lost_ = missing({resent_below_, lost_below_});
}

void Scoreboard::lose_all() {
  departed_ = 0;
  resent_below_ = acknowledged_;
  lost_below_ = next_;
  lost_ = missing({resent_below_, lost_below_});
}

std::optional<ByteRange> Scoreboard::first_lost(std::uint64_t limit) const {
  if (lost_ == 0) return std::nullopt;
  ByteRange hole{resent_below_, lost_below_};
  const auto ranges = selective_.all();
  std::size_t i = selective_.first_behind(hole.begin);
  for (; i < ranges.size() && ranges[i].begin <= hole.begin; ++i) hole.begin = ranges[i].end;
  if (i < ranges.size()) hole.end = std::min(hole.end, ranges[i].begin);
  hole.end = std::min(hole.end, hole.begin + limit);
  return hole;
}

void Scoreboard::sent_again(ByteRange range) {
  lost_ -= missing({std::max(range.begin, resent_below_), std::min(range.end, lost_below_)});
  resent_below_ = std::max(resent_below_, range.end);
}

}  // namespace peerbed::sim
