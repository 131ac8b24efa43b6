#include "sim/storage/content_store.h"

#include <algorithm>
#include <array>

namespace peerbed::sim {

std::uint64_t Content::write(std::uint64_t offset, const Extent& extent) {
  if (extent.size == 0) return 0;
  const std::uint64_t end = offset + extent.size;
  auto first = std::partition_point(placed_.begin(), placed_.end(),
                                    [offset](const Placed& placed) { return placed.end() <= offset; });
  const auto last =
      std::partition_point(first, placed_.end(), [end](const Placed& placed) { return placed.begin < end; });
  if (first == last && first != placed_.begin() && (first - 1)->end() == offset &&
      continues((first - 1)->extent, extent)) {  // the usual case: the next block
    (first - 1)->extent.size += extent.size;
    if (first != placed_.end() && first->begin == end && continues((first - 1)->extent, first->extent)) {
      (first - 1)->extent.size += first->extent.size;
      placed_.erase(first);
    }
    return extent.size;
  }
  std::uint64_t fresh = extent.size;
  for (auto at = first; at != last; ++at) fresh -= std::min(end, at->end()) - std::max(offset, at->begin);
  // The parts that extend beyond the written range on either side are kept.
  std::array<Placed, 3> pieces;
  std::size_t count = 0;
  if (first != last && first->begin < offset)
    pieces[count++] = {first->begin, part_of(first->extent, 0, offset - first->begin)};
  pieces[count++] = {offset, extent};
  if (first != last && (last - 1)->end() > end) {
    const Placed& tail = *(last - 1);
    pieces[count++] = {end, part_of(tail.extent, end - tail.begin, tail.end() - end)};
  }
  const std::size_t index = static_cast<std::size_t>(placed_.erase(first, last) - placed_.begin());
  placed_.insert(placed_.begin() + static_cast<std::ptrdiff_t>(index), pieces.begin(),
                 pieces.begin() + static_cast<std::ptrdiff_t>(count));
  // Merges neighbours, from one before the pieces to one after them.
  std::size_t behind = std::min(index + count + 1, placed_.size());
  for (std::size_t i = std::max<std::size_t>(index, 1); i < behind;) {
    Placed& before = placed_[i - 1];
    if (before.end() == placed_[i].begin && continues(before.extent, placed_[i].extent)) {
      before.extent.size += placed_[i].extent.size;
      placed_.erase(placed_.begin() + static_cast<std::ptrdiff_t>(i));
      --behind;
    } else {
      ++i;
    }
  }
  return fresh;
}

void Content::read(std::uint64_t offset, std::uint64_t size, std::vector<Extent>& out) const {
  const std::uint64_t end = offset + size;
  auto at = std::partition_point(placed_.begin(), placed_.end(),
                                 [offset](const Placed& placed) { return placed.end() <= offset; });
  while (offset < end) {
    const std::uint64_t begin = at == placed_.end() ? end : std::min(end, at->begin);
    if (offset < begin) {  // never written
      out.push_back(synthetic_extent(0, 0, begin - offset));
      offset = begin;
      continue;
    }
    const std::uint64_t until = std::min(end, at->end());
    out.push_back(part_of(at->extent, offset - at->begin, until - offset));
    offset = until;
    ++at;
  }
}

bool is_file_name(std::string_view name) noexcept {
  if (name.empty() || name == "." || name == ".." || name.size() > 255) return false;
  return name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

}  // namespace peerbed::sim
