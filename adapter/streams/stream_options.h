#pragma once
// Time and memory limits of streams. A stream that exceeds one is reset, and counted.

#include <cstddef>
#include <cstdint>

#include "protocols/environment/time.h"

namespace peerbed::adapter {

struct StreamOptions {
  Duration connect_timeout = std::chrono::seconds(20);  // of an open_stream without an answer
  Duration user_timeout = std::chrono::seconds(60);     // of bytes that the peer's host does not acknowledge (RFC 5482)
  Duration keep_alive = std::chrono::seconds(30);       // of silence, then the peer's host is probed
  Duration silence_timeout = std::chrono::seconds(30);  // of an accepted stream on which nothing has moved yet
  Duration idle_timeout = std::chrono::minutes(10);     // without a byte in either direction; 0: never
  // Time for a request to be received after its first byte, plus a second for each kilobyte.
  Duration request_timeout = std::chrono::seconds(30);
  std::uint32_t unsent_limit = 256 * 1024;  // bytes in the kernel that have not left; more wait with the node's writes
};

}  // namespace peerbed::adapter
