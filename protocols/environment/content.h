#pragma once
// Content: bytes that outlive a process. A node identifies what it stores by a 64-bit key in its own store; a crash
// keeps the store or wipes it, as the host decides. Small values pass through the node; bulk content moves by reference
// between disk and streams, and is hashed in place.

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

// A part of stored content, in bytes. Bytes that were never written read as zeros.
struct ContentRange {
  ContentKey content;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  friend constexpr bool operator==(const ContentRange&, const ContentRange&) = default;
};

// The most that read_content passes to a node at once.
constexpr std::size_t maximum_content_read = 1'048'576;
constexpr std::size_t sha256_size = 32;

enum class ContentAction : std::uint8_t {
  read,      // bytes: the whole content, cut at maximum_content_read
  hashed,    // range: what was hashed; bytes: its SHA-256
  imported,  // a file that the user named is content now; range: all of it
  exported,  // the content is now a file with the given name
  written,   // write_content reached the disk; reported only on failure
  changed,   // unsolicited: a file that is content was changed by somebody, or is gone (found: false)
};

// The result of an action on content. For an import or export, `bytes` holds what the user should know, if the host can
// tell: the reason for a failure; for an import, what was left out; for an export, the name that the file got.
struct ContentReady {
  ContentKey key;
  Bytes bytes;         // valid only during the handler
  bool found = false;  // false: there is no such content or file, or the disk failed
  ContentAction action = ContentAction::read;
  ContentRange range{};
  bool is_file = false;                      // the content is a visible file, which users may change
  std::optional<std::uint64_t> file_size{};  // hashed: the size of that file; none if it is gone
  bool is_tree = false;  // imported: a directory, as one content that holds the names and the bytes of its files
};

}  // namespace peerbed
