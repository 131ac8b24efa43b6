#pragma once
// The latency of a network for which the scenario gives none.

#include <chrono>

#include "protocols/environment/time.h"

namespace peerbed::scenarios {

constexpr Duration default_latency = std::chrono::milliseconds(20);

}  // namespace peerbed::scenarios
