#include "protocols/ring/routing/finger_table.h"

#include <algorithm>
#include <bit>

namespace peerbed::ring {

void FingerTable::assign(KeySpace space, Key self, unsigned exponent, Contact found) {
  const std::uint64_t start = 1ULL << exponent;
  const std::uint64_t distance = space.distance(self, found.key);
  const bool exists = distance >= start;
  // Between the finger's start and the member found there is nobody, and beyond it, up to the next power of two, nobody
  // is any finger's first.
  const unsigned top = exists ? static_cast<unsigned>(std::bit_width(distance)) : space.bits();
  const std::uint64_t last = top >= 64 ? ~0ULL : (1ULL << top) - 1;
  const auto first = std::find_if(contacts_.begin(), contacts_.end(),
                                  [&](Contact contact) { return space.distance(self, contact.key) >= start; });
  const auto end =
      std::find_if(first, contacts_.end(), [&](Contact contact) { return space.distance(self, contact.key) > last; });
  if (!exists) {
    contacts_.erase(first, end);
  } else if (first != end) {
    *first = found;
    contacts_.erase(first + 1, end);
  } else {
    const auto index = first - contacts_.begin();
    contacts_.reserve(contacts_.size() + 1);  // grows by one: a million nodes hold such a table
    contacts_.insert(contacts_.begin() + index, found);
  }
}

bool FingerTable::remove(Contact contact) {
  const auto found = std::find(contacts_.begin(), contacts_.end(), contact);
  if (found == contacts_.end()) return false;
  contacts_.erase(found);
  return true;
}

}  // namespace peerbed::ring
