#pragma once
// How a datagram is damaged by a bad network or by a lying host.

#include <cstddef>
#include <cstdint>
#include <span>

namespace peerbed {

// Flips one bit, chosen by `draw`. An empty datagram stays empty.
void flip_bit(std::span<std::byte> bytes, std::uint64_t draw) noexcept;

}  // namespace peerbed
