#pragma once
// The memory that this process uses and may use, in bytes. Zero where the system does not tell.

#include <cstdint>

namespace peerbed::scenarios {

std::uint64_t resident_bytes();
// Of the machine, or of the control group that this process is confined to.
std::uint64_t memory_bytes();

}  // namespace peerbed::scenarios
