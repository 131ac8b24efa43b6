#pragma once
// The number of a node on its host.

#include <cstdint>

namespace peerbed {

// A node of one world or one real host, numbered from 0 in the order in which nodes were added.
using NodeIndex = std::uint32_t;

constexpr NodeIndex no_node = UINT32_MAX;

}  // namespace peerbed
