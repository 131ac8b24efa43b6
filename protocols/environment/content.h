#pragma once
// Content: bytes that outlive a process. A node names what it stores by a 64-bit key in a store of its own; a crash
// keeps the store or wipes it, as the host decides. Bulk content moves over streams by reference, never through a node.

#include <compare>
#include <cstdint>

#include "protocols/environment/address.h"
#include "protocols/environment/codec.h"

namespace peerbed {

struct ContentKey {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const ContentKey&, const ContentKey&) = default;
};

// A part of stored content, in bytes.
struct ContentRange {
  ContentKey content;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// The answer to Environment::read_content.
struct ContentReady {
  ContentKey key;
  Bytes bytes;  // empty when absent; valid during the handler only
  bool found = false;
};

}  // namespace peerbed
