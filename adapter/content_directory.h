#pragma once
// A node's content on the disk. A shared directory holds the files that people see; a hidden one below it holds content
// under its key, and what is not complete yet. A file appears under its final name all at once or not at all, so a
// process may be killed at any moment. Nothing outside of the directory is ever opened, whatever a name says.
//
// What is written is safe from the end of the process at once, and from a loss of power when it has been exported:
// exporting flushes the file and the directory to the disk.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/file_descriptor.h"
#include "protocols/environment/content.h"

namespace peerbed::adapter {

// Content that people are to see under a name from the beginning, such as a value that was stored on their behalf.
struct VisibleContent {
  // Both are called from any thread.
  std::function<std::string(ContentKey)> name_of{};                     // an empty name: the content is hidden
  std::function<std::optional<ContentKey>(std::string_view)> key_of{};  // of files that are here at the start
};

struct ContentOptions {
  std::filesystem::path directory{};  // shared; made when it is not there. Empty: there is no disk, and nothing is kept
  std::string hidden = ".peerbed";    // below it; two nodes that share a directory need two of these
  VisibleContent visible{};
};

class ContentDirectory {
 public:
  // Throws std::system_error when the directories cannot be made, or another process uses the hidden one.
  explicit ContentDirectory(ContentOptions options);

  // What an earlier process left, in the order of keys.
  std::vector<ContentKey> stored() const;

  // Replaces the whole content at once; false when the disk does not take it.
  bool write(ContentKey key, Bytes bytes);
  void erase(ContentKey key);
  // For reading. None when there is no such content.
  FileDescriptor open(ContentKey key) const;
  // For writing at any place, as well as reading; makes the content when there is none. Content that is a file in the
  // shared directory is never written to: it is replaced by a content of its own.
  FileDescriptor open_for_writing(ContentKey key);

  // Lets content be a file of the shared directory, by reference; returns the file's size, or nothing.
  std::optional<std::uint64_t> import_file(ContentKey key, std::string_view name);
  // Gives content its final name, replacing a file of that name; the content is a reference to it from then on.
  bool export_file(ContentKey key, std::string_view name);

 private:
  struct Place {
    int directory = -1;
    std::string name;
  };
  Place place_of(ContentKey key) const;
  std::optional<std::string> referenced_file(ContentKey key) const;
  bool refer(ContentKey key, std::string_view name);

  ContentOptions options_;
  FileDescriptor shared_;
  FileDescriptor hidden_;
};

}  // namespace peerbed::adapter
