#pragma once
// A swarm datagram with correct version and checksum, as an attacker would forge it.

#include <vector>

#include "protocols/environment/codec.h"
#include "protocols/swarm/wire/wire.h"

namespace peerbed {

inline std::vector<std::byte> forged_datagram(Bytes bytes) {
  std::vector<std::byte> payload(bytes.begin(), bytes.end());
  if (payload.size() < header_size) payload.resize(header_size);
  payload[0] = static_cast<std::byte>(swarm::wire_version);
  payload.resize(payload.size() + codec::check_size);
  Writer check(std::span<std::byte>(payload).last(codec::check_size));
  check.integer(codec::check_of(Bytes(payload).first(payload.size() - codec::check_size)));
  return payload;
}

}  // namespace peerbed
