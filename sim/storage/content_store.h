#pragma once
// What is on one host's disk: stored content by key, and files by name, all of it as extents. Copying content copies
// references, wherever the content came from.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/content.h"
#include "sim/storage/extent.h"

namespace peerbed::sim {

// A sequence of bytes in which any part can be written; unwritten parts read as zeros.
class Content {
 public:
  struct Placed {
    std::uint64_t begin = 0;
    Extent extent;
    std::uint64_t end() const noexcept { return begin + extent.size; }
    friend bool operator==(const Placed&, const Placed&) = default;
  };

  std::uint64_t size() const noexcept { return placed_.empty() ? 0 : placed_.back().end(); }
  // Replaces what was there. Adjoining extents of one origin are merged. Returns how many of the bytes are new.
  std::uint64_t write(std::uint64_t offset, const Extent& extent);
  // Appends the extents of a range within size() to `out`.
  void read(std::uint64_t offset, std::uint64_t size, std::vector<Extent>& out) const;
  // In order, without overlaps.
  const std::vector<Placed>& placed() const noexcept { return placed_; }

  friend bool operator==(const Content&, const Content&) = default;

 private:
  std::vector<Placed> placed_;
};

struct ContentStore {
  struct Stored {
    Content content;
    std::uint64_t charged = 0;  // bytes of disk space that it takes: an imported file takes none
  };
  std::map<ContentKey, Stored> contents;
  std::map<std::string, Content, std::less<>> files;
  std::uint64_t charged = 0;  // by all contents, and by files that were exported and then erased
};

// Whether `name` is one component of a path.
bool is_file_name(std::string_view name) noexcept;

}  // namespace peerbed::sim
