#pragma once
// Keeps the most recently used files of a node's content open.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "adapter/files/content_directory.h"

namespace peerbed::adapter {

// Shared by its users; closed when the last of them is done.
using OpenFile = std::shared_ptr<const FileDescriptor>;

class OpenFiles {
 public:
  static constexpr std::size_t maximum_open = 64;

  explicit OpenFiles(ContentDirectory& directory) : directory_(directory) {}

  // Null if there is no such content, or if the disk fails.
  OpenFile for_reading(ContentKey key);
  OpenFile for_writing(ContentKey key);
  // The content is about to become another file, or none.
  void forget(ContentKey key) { files_.erase(key); }
  void clear() { files_.clear(); }

 private:
  struct Entry {
    OpenFile file;
    bool writable = false;
    std::uint64_t used = 0;
  };
  OpenFile keep(ContentKey key, FileDescriptor file, bool writable);

  ContentDirectory& directory_;
  std::map<ContentKey, Entry> files_;
  std::uint64_t uses_ = 0;
};

}  // namespace peerbed::adapter
