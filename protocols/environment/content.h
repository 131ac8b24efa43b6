#pragma once
// Content: bytes that outlive a process. A node names what it stores by a 64-bit key in a store of its own; a crash
// keeps the store or wipes it, as the host decides. Small values pass through the node; bulk content moves by reference
// between disk and streams, and is hashed where it lies.

#include <compare>
#include <cstddef>
#include <cstdint>

#include "protocols/environment/codec.h"

namespace peerbed {

struct ContentKey {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const ContentKey&, const ContentKey&) = default;
};

// A part of stored content, in bytes. What was never written in it reads as zeros.
struct ContentRange {
  ContentKey content;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  friend constexpr bool operator==(const ContentRange&, const ContentRange&) = default;
};

// The most that read_content brings into a node at once.
constexpr std::size_t maximum_content_read = 1'048'576;
constexpr std::size_t sha256_size = 32;

enum class ContentAction : std::uint8_t {
  read,      // bytes: the whole content, cut at maximum_content_read
  hashed,    // range: what was hashed; bytes: its SHA-256
  imported,  // a file that a person named is content now; range: all of it
  exported,  // content is now the file that was named
  written,   // write_content is on the disk; told only of a failure
};

// What became of an action on content.
struct ContentReady {
  ContentKey key;
  Bytes bytes;         // valid during the handler only
  bool found = false;  // false: there is no such content or file, or the disk failed
  ContentAction action = ContentAction::read;
  ContentRange range{};
};

}  // namespace peerbed
