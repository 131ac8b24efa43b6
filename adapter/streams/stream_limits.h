#pragma once
// Time and memory limits of streams. A stream that exceeds one is reset, and counted.

#include <cstddef>
#include <cstdint>

#include "protocols/environment/time.h"

namespace peerbed::adapter {

struct StreamLimits {
  Duration connect_timeout = std::chrono::seconds(20);  // for open_stream to be answered
  Duration user_timeout = std::chrono::seconds(60);     // for the peer's host to acknowledge bytes (RFC 5482)
  Duration keep_alive = std::chrono::seconds(30);       // of silence before the peer's host is probed
  Duration silence_timeout = std::chrono::seconds(30);  // for the first byte on an accepted stream
  Duration idle_timeout = std::chrono::minutes(10);     // without a byte in either direction; 0: never
  // For a request to be received after its first byte, plus a second per kilobyte.
  Duration request_timeout = std::chrono::seconds(30);
  std::uint32_t unsent_limit = 256 * 1024;  // bytes unsent in the kernel; more wait in the node
};

}  // namespace peerbed::adapter
