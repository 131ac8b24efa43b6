#pragma once
// A datagram under way between two nodes of a checked system.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "check/engine/fingerprint.h"
#include "host/node_index.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/random.h"

namespace peerbed::check {

struct Message {
  NodeIndex from = 0;
  NodeIndex to = 0;
  std::uint32_t age = 0;  // ticks; 0 unless time is discrete
  std::vector<std::byte> bytes;

  Fingerprint fingerprint() const noexcept { return fingerprint_of(bytes, key_of(1, from, to, age)); }
};

}  // namespace peerbed::check
