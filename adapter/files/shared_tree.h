#pragma once
// A directory as one piece of content: a listing of its files' names and sizes, followed by their bytes in that order.
// So a tree has one root hash, however many files it has. Links, special files and files with unsafe names are left
// out. A listing may come from anyone: it is decoded within limits, and never leads outside its directory.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/base/file_descriptor.h"
#include "adapter/files/file_hash.h"
#include "adapter/files/file_identity.h"
#include "protocols/environment/codec.h"

namespace peerbed::adapter {

constexpr std::size_t maximum_tree_files = 1'000'000;
constexpr std::size_t maximum_tree_path = 4'000;  // bytes
constexpr std::size_t maximum_tree_depth = 64;
constexpr std::uint64_t maximum_listing = 256 * 1024 * 1024;  // bytes

class SharedTree {
 public:
  // One file, or an empty directory, whose path ends with a slash.
  struct Entry {
    std::string_view path;  // points into the listing
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    bool is_directory() const noexcept { return path.ends_with('/'); }
    std::uint64_t end() const noexcept { return begin + size; }
  };

  // Scans an open directory; on failure returns nothing, and `problem` says why. `left_out` counts what is not part of
  // the tree.
  static std::shared_ptr<SharedTree> scan(FileDescriptor directory, std::size_t& left_out, std::string& problem);
  // The tree that a listing describes, in an open directory; null if the listing is invalid or a file does not have the
  // listed size.
  static std::shared_ptr<SharedTree> find(FileDescriptor directory, std::vector<std::byte> listing);
  // Builds the tree from its content in an empty directory; on failure `problem` says why.
  static bool make(int directory, int content, std::string& problem);
  // The listing at the start of content; nothing if there is none.
  static std::optional<std::vector<std::byte>> listing_of(int content);

  Bytes listing() const noexcept { return listing_; }
  std::size_t files() const noexcept { return entries_.size(); }
  std::uint64_t size() const noexcept { return entries_.empty() ? listing_.size() : entries_.back().end(); }
  int directory() const noexcept { return directory_.number(); }
  // Paths of all directories, including the root (empty).
  std::vector<std::string> directories() const;

  // Whether all files are unchanged since they were scanned or found.
  bool is_unchanged() const { return is_unchanged(0, entries_.size()); }
  // The same for `count` files starting at `first`, in order of paths.
  bool is_unchanged(std::size_t first, std::size_t count) const;
  // Whether the file at a path is unchanged; true if the path is not part of the tree.
  bool is_unchanged(std::string_view path) const;
  // Reads a range; false if it is incomplete or a file in it has changed. May be called from any thread.
  bool read(std::uint64_t offset, std::span<std::byte> out) const;
  std::optional<Sha256> hash(std::uint64_t offset, std::uint64_t size) const;

 private:
  explicit SharedTree(FileDescriptor directory) : directory_(std::move(directory)) {}
  bool decode(std::string& problem);
  bool note_identities();
  FileDescriptor open(std::size_t entry) const;
  bool is_entry_unchanged(std::size_t entry) const;

  FileDescriptor directory_;
  std::vector<std::byte> listing_;
  std::vector<Entry> entries_;            // in order of paths
  std::vector<FileIdentity> identities_;  // in the same order
};

}  // namespace peerbed::adapter
