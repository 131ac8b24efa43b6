#pragma once
// A datagram under way between two nodes of a checked system.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "check/canonical/questions.h"
#include "check/engine/fingerprint.h"
#include "host/node_index.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/random.h"

namespace peerbed::check {

struct Message {
  NodeIndex from = 0;
  NodeIndex to = 0;
  // Ticks, where time is discrete; or a bit for each thing that has happened since it was sent, of those that last
  // longer than a message is under way.
  std::uint64_t age = 0;
  std::vector<std::byte> bytes;
  // Where questions are named: those of this message; and what remains without their ids.
  NamedQuestions questions{};
  Fingerprint shape{};

  Fingerprint fingerprint() const noexcept { return fingerprint_of(bytes, key_of(1, from, to, age)); }
};

}  // namespace peerbed::check
