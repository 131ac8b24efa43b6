#pragma once
// The key of a node's random draws. Both hosts derive it the same way, so a node draws the same numbers in either
// world.

#include <cstdint>

#include "host/node_index.h"

namespace peerbed {

// `host_key` is derived from the host's seed.
constexpr std::uint64_t draw_key(std::uint64_t host_key, NodeIndex node) noexcept {
  return host_key + node * 0x9E3779B97F4A7C15ULL;
}

}  // namespace peerbed
