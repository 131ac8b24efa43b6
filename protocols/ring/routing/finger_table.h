#pragma once
// The fingers of a node: finger i is the first member at least 2^i steps clockwise. Neighbouring fingers are mostly the
// same member, so only distinct ones are kept, at most one for each power of two.

#include <span>

#include "protocols/ring/base/compact_vector.h"
#include "protocols/ring/base/contact.h"

namespace peerbed::ring {

class FingerTable {
 public:
  // Distinct fingers, nearest first.
  std::span<const Contact> all() const noexcept { return contacts_; }
  // Hints that the table will be used.
  void prefetch() const noexcept { contacts_.prefetch(usual_size); }

  // Says that `found` is the first member at or after finger_start(self, exponent); itself means: there is none.
  void assign(KeySpace space, Key self, unsigned exponent, Contact found);
  // For a start in an ideal ring: `exponent` must be the exponent of found's distance, greater than in all calls
  // before.
  void append(Contact found) { contacts_.push_back(found); }
  void reserve(std::size_t count) { contacts_.reserve(count); }
  // Forgets a member that left or fell silent. Returns whether it was there.
  bool remove(Contact contact);

  auto fields() const { return std::tie(contacts_); }

 private:
  static constexpr std::size_t usual_size = 20;  // in a ring of a million

  CompactVector<Contact> contacts_;
};

}  // namespace peerbed::ring
