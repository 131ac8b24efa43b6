#include "protocols/kademlia/lookups/silences.h"

#include <algorithm>

namespace peerbed::kademlia {

void Silences::note(const Contact& contact, Time now) {
  forget(contact);
  if (all_.size() == maximum_silences) all_.erase(all_.begin());
  all_.push_back({.contact = contact, .noticed = now});
}

void Silences::forget(const Contact& contact) {
  std::erase_if(all_, [&](const Silence& silence) { return silence.contact == contact; });
}

bool Silences::has(const Contact& contact, Time now, Duration memory) const noexcept {
  return std::any_of(all_.begin(), all_.end(), [&](const Silence& silence) {
    return silence.contact == contact && now - silence.noticed < memory;
  });
}

}  // namespace peerbed::kademlia
