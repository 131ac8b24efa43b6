#pragma once
// Contacts that have lately left all attempts of a request unanswered. Lookups do not ask them again for a while, since
// others go on naming them.

#include <cstddef>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/kademlia/base/contact.h"

namespace peerbed::kademlia {

constexpr std::size_t maximum_silences = 256;  // then the oldest is forgotten

class Silences {
 public:
  void note(const Contact& contact, Time now);
  // It has said something.
  void forget(const Contact& contact);
  // Whether it was silent within this time.
  bool has(const Contact& contact, Time now, Duration memory) const noexcept;

  auto fields() const { return std::tie(all_); }

 private:
  struct Silence {
    Contact contact{};
    Time noticed{};
    auto fields() const { return std::tie(contact, noticed); }
  };
  std::vector<Silence> all_;  // the oldest first
};

}  // namespace peerbed::kademlia
