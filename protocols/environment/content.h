#pragma once
// Content: bytes that outlive a process. A node names what it stores by a 64-bit key in a store of its own; a crash
// keeps the store or wipes it, as the host decides. Small values pass through the node; bulk content moves by reference
// between disk and streams, and is hashed where it lies.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>

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
  changed,   // told without being asked: a file that is content was changed by somebody, or is gone (found: false)
};

// What became of an action on content. An import or export says in `bytes` what a person should hear of it, where the
// host knows: why it failed; of an import, what was left out; of an export, the name that the file got.
struct ContentReady {
  ContentKey key;
  Bytes bytes;         // valid during the handler only
  bool found = false;  // false: there is no such content or file, or the disk failed
  ContentAction action = ContentAction::read;
  ContentRange range{};
  bool is_file = false;  // the content is a file that people see, and may change without the node's doing
  std::optional<std::uint64_t> file_size{};  // hashed: of that file, all of it; none when it is gone
  bool is_tree = false;  // imported: a directory, as one content that holds the names and the bytes of its files
};

}  // namespace peerbed
