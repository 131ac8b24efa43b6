#pragma once
// The memory that this process uses and may use, in bytes. Zero if the system does not say.

#include <cstdint>

namespace peerbed::scenarios {

std::uint64_t resident_bytes();
// Of the machine, or of the control group that confines this process.
std::uint64_t memory_bytes();

}  // namespace peerbed::scenarios
