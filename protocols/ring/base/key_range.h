#pragma once
// An arc of the ring, and the entries of a map by key that lie on it.

#include <map>
#include <tuple>

#include "protocols/ring/base/key.h"

namespace peerbed::ring {

// The keys after `begin` up to `end`, clockwise; the whole ring when both are the same.
struct KeyRange {
  Key begin;
  Key end;

  constexpr bool contains(Key key) const noexcept { return owns(begin, key, end); }
  friend constexpr bool operator==(const KeyRange&, const KeyRange&) = default;
  auto fields() const { return std::tie(begin, end); }
};

// Calls `visit(key, value)` for the entries on the arc, clockwise, as long as it returns true.
template <class Map, class Visitor>
void for_each_in(Map& map, KeyRange range, Visitor&& visit) {
  const auto visit_until = [&](auto entry, auto end) {
    while (entry != end) {
      const auto next = std::next(entry);  // what is visited may be erased
      if (!visit(entry->first, entry->second)) return false;
      entry = next;
    }
    return true;
  };
  const auto first = map.upper_bound(range.begin);
  const auto last = map.upper_bound(range.end);
  if (range.begin < range.end) {
    visit_until(first, last);
  } else if (visit_until(first, map.end())) {
    visit_until(map.begin(), last);
  }
}

}  // namespace peerbed::ring
