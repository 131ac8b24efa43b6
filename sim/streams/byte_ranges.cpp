#include "sim/streams/byte_ranges.h"

#include <algorithm>

namespace peerbed::sim {

std::size_t ByteRanges::first_behind(std::uint64_t at) const noexcept {
  const auto first =
      std::partition_point(ranges_.begin(), ranges_.end(), [at](const ByteRange& range) { return range.end <= at; });
  return static_cast<std::size_t>(first - ranges_.begin());
}

std::uint64_t ByteRanges::add(ByteRange range) {
  if (range.begin >= range.end) return 0;
  // Merges `range` with all ranges that it overlaps or touches.
  const auto first = std::partition_point(ranges_.begin(), ranges_.end(),
                                          [&](const ByteRange& other) { return other.end < range.begin; });
  auto last = first;
  std::uint64_t known = 0;
  ByteRange merged = range;
  for (; last != ranges_.end() && last->begin <= range.end; ++last) {
    known += last->size();
    merged = {std::min(merged.begin, last->begin), std::max(merged.end, last->end)};
  }
  const std::uint64_t added = merged.size() - known;
  if (first == last) {
    ranges_.insert(first, merged);
  } else {
    *first = merged;
    ranges_.erase(first + 1, last);
  }
  bytes_ += added;
  return added;
}

std::uint64_t ByteRanges::remove_below(std::uint64_t end) {
  if (ranges_.empty() || ranges_.front().begin >= end) return 0;
  std::uint64_t removed = 0;
  const std::size_t kept = first_behind(end);
  for (std::size_t i = 0; i < kept; ++i) removed += ranges_[i].size();
  ranges_.erase(ranges_.begin(), ranges_.begin() + static_cast<std::ptrdiff_t>(kept));
  if (!ranges_.empty() && ranges_.front().begin < end) {
    removed += end - ranges_.front().begin;
    ranges_.front().begin = end;
  }
  bytes_ -= removed;
  return removed;
}

std::uint64_t ByteRanges::remove(ByteRange range) {
  std::uint64_t removed = 0;
  for (std::size_t i = first_behind(range.begin); i < ranges_.size() && ranges_[i].begin < range.end;) {
    const ByteRange one = ranges_[i];
    const ByteRange before{one.begin, std::max(one.begin, range.begin)};
    const ByteRange after{std::min(one.end, range.end), one.end};
    removed += after.begin - before.end;
    const auto at = ranges_.begin() + static_cast<std::ptrdiff_t>(i);
    if (before.size() == 0 && after.size() == 0) {
      ranges_.erase(at);
      continue;
    }
    *at = before.size() > 0 ? before : after;
    if (before.size() > 0 && after.size() > 0) ranges_.insert(at + 1, after);
    ++i;
  }
  bytes_ -= removed;
  return removed;
}

std::uint64_t ByteRanges::covered(ByteRange range) const noexcept {
  if (range.begin >= range.end) return 0;
  std::uint64_t sum = 0;
  for (std::size_t i = first_behind(range.begin); i < ranges_.size() && ranges_[i].begin < range.end; ++i)
    sum += std::min(ranges_[i].end, range.end) - std::max(ranges_[i].begin, range.begin);
  return sum;
}

}  // namespace peerbed::sim
