#pragma once
// What the parts that hold values and move them between nodes share while the node handles one input.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "protocols/ring/base/context.h"
#include "protocols/ring/routing/routing_table.h"

namespace peerbed::ring {

struct StorageContext : Context {
  const RoutingTable& table;
  std::uint64_t clock = 0;        // that of stamps, on which hosts agree as far as their clocks are right; never 0
  std::uint32_t incarnation = 0;  // of this process

  // The nodes that hold the own values besides this one, or that will, when it has left.
  std::span<const Contact> holders() const noexcept { return table.replica_holders(options); }
  // Where a node stands among them; nothing when it is none.
  std::optional<unsigned> index_of(Address address) const noexcept {
    const auto all = holders();
    const auto found = std::find_if(all.begin(), all.end(), [&](Contact holder) { return holder.address == address; });
    if (found == all.end()) return std::nullopt;
    return static_cast<unsigned>(found - all.begin());
  }
  // A bit for each of them, by place.
  std::uint32_t all_places() const noexcept { return (1u << holders().size()) - 1; }
};

}  // namespace peerbed::ring
