#pragma once
// Bytes in libsodium's types, and endpoints as authenticated bytes.

#include <algorithm>
#include <array>
#include <cstddef>

#include "adapter/base/endpoint.h"

namespace peerbed::adapter {

inline const unsigned char* as_unsigned(const std::byte* bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes);
}
inline unsigned char* as_unsigned(std::byte* bytes) noexcept { return reinterpret_cast<unsigned char*>(bytes); }

// The host's 16 bytes and the port's two, in network byte order.
using EndpointBytes = std::array<unsigned char, 18>;

inline EndpointBytes bytes_of(const Endpoint& endpoint) noexcept {
  EndpointBytes bytes{};
  std::copy(endpoint.host.begin(), endpoint.host.end(), bytes.begin());
  bytes[16] = static_cast<unsigned char>(endpoint.port >> 8);
  bytes[17] = static_cast<unsigned char>(endpoint.port);
  return bytes;
}

}  // namespace peerbed::adapter
