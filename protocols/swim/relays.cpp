#include "protocols/swim/relays.h"

#include <algorithm>

namespace peerbed::swim {

bool Relays::add(const Relay& relay) {
  if (all_.size() == maximum_relays) return false;
  all_.push_back(relay);
  return true;
}

std::optional<Relay> Relays::take_answered(std::uint32_t number, Address from) noexcept {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const Relay& relay) { return relay.number == number && relay.target == from; });
  if (found == all_.end()) return std::nullopt;
  const Relay relay = *found;
  all_.erase(found);
  return relay;
}

std::optional<Relay> Relays::take_due(Time now, Duration patience) noexcept {
  const auto found = std::find_if(all_.begin(), all_.end(), [now](const Relay& relay) { return relay.due <= now; });
  if (found == all_.end()) return std::nullopt;
  const Relay relay = *found;
  all_.erase(found);
  if (!relay.is_told) {
    all_.push_back(relay);
    all_.back().is_told = true;
    all_.back().due = now + patience;
  }
  return relay;
}

Time Relays::earliest_due() const noexcept {
  Time earliest = never;
  for (const Relay& relay : all_) earliest = std::min(earliest, relay.due);
  return earliest;
}

}  // namespace peerbed::swim
