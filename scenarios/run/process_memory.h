#pragma once
// What memory this process has, and may have. Zero where the system does not say.

#include <cstdint>

namespace peerbed::scenarios {

std::uint64_t resident_bytes();
// Of the machine, or of the control group that this process is confined to.
std::uint64_t memory_bytes();

}  // namespace peerbed::scenarios
