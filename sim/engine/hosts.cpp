#include "sim/engine/hosts.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::sim {

Hosts::Hosts(const Hosts& other) : hosts_(other.hosts_), draws_(other.draws_) {
  for (const auto& population : other.populations_) populations_.push_back(population->clone());
}

void Hosts::add(std::unique_ptr<NodeArray> population, std::size_t count) {
  PEERBED_CONTRACT(populations_.size() <= UINT16_MAX, "a world has at most 65,536 populations");
  Host host;
  host.population = static_cast<std::uint16_t>(populations_.size());
  host.accepts_streams = population->accepts_streams();
  hosts_.insert(hosts_.end(), count, host);
  draws_.resize(hosts_.size());
  populations_.push_back(std::move(population));
}

NodeIndex Hosts::first_beyond(std::uint32_t sequence) const noexcept {
  const auto found =
      std::find_if(hosts_.begin(), hosts_.end(), [sequence](const Host& host) { return host.sequence > sequence; });
  return found == hosts_.end() ? no_node : static_cast<NodeIndex>(found - hosts_.begin());
}

std::uint64_t Hosts::digest() const {
  TraceDigest digest;
  for (const Host& host : hosts_) digest.words(std::array{host.history.value()});
  return digest.value();
}

void Hosts::append_state(TraceDigest& digest) const {
  const auto word = [&digest](std::uint64_t value) { digest.words(std::array{value}); };
  std::vector<std::byte> state;
  for (NodeIndex node = 0; node < hosts_.size(); ++node) {
    word((static_cast<std::uint64_t>(hosts_[node].sequence) << 8) | static_cast<std::uint64_t>(hosts_[node].status));
    digest.bytes(std::as_bytes(std::span(draws_[node])));
    state.clear();
    population(node).append_state(node, state);
    digest.bytes(state);
    for (const TimerSlot& slot : population(node).timers(node)) word(static_cast<std::uint64_t>(slot.due));
  }
}

}  // namespace peerbed::sim
