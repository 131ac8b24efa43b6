#pragma once
// What happens to a node's disk when its process crashes.

#include <cstdint>

namespace peerbed {

enum class Disk : std::uint8_t { keep, wipe };

}  // namespace peerbed
