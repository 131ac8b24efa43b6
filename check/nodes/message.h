#pragma once
// A datagram under way between two nodes of a checked system.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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

// What its nodes call a message; empty if they have no name for it.
template <class N>
std::string kind_of(const Message& message) {
  const std::size_t kind = message_kind(message.bytes);
  const std::span<const std::string_view> kinds = N::message_kinds;
  return kind < kinds.size() ? std::string(kinds[kind]) : std::string();
}

}  // namespace peerbed::check
