#pragma once
// A node's content on disk. A shared directory holds the files that people see; a hidden directory inside it holds
// content under its key, and incomplete content. A file appears under its final name all at once or not at all, so a
// process may be killed at any moment. Nothing outside the directory is ever opened, whatever a name says.
// Visible files belong to the user: content refers to them, and nothing here writes to them, truncates them or removes
// them. A name that is taken is not overwritten unless OnConflict::replace says so.
// What is written survives the end of the process at once. It survives a power failure once it has been exported:
// exporting flushes the file and the directory to the disk.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/base/file_descriptor.h"
#include "adapter/files/file_identity.h"
#include "adapter/files/shared_tree.h"
#include "protocols/environment/content.h"

namespace peerbed::adapter {

// Content that has a visible name from the start, such as a value stored on the user's behalf.
struct VisibleContent {
  // Both may be called from any thread.
  std::function<std::string(ContentKey)> name_of{};                     // an empty name: the content is hidden
  std::function<std::optional<ContentKey>(std::string_view)> key_of{};  // for files that exist at the start
};

// What happens to an export whose name is taken.
enum class OnConflict : std::uint8_t {
  rename,   // it gets another name, such as "film (2).mkv"
  refuse,   // it fails
  replace,  // it replaces that file, but never a directory
};

struct ContentOptions {
  std::filesystem::path directory{};  // shared; created if missing. Empty: there is no disk, and nothing is kept
  std::string hidden = ".peerbed";    // inside it; nodes that share a directory need different ones
  VisibleContent visible{};
  OnConflict on_conflict = OnConflict::rename;
};

// Content that is a file of the shared directory, or a directory in it.
struct ContentReference {
  std::string name;
  std::shared_ptr<const SharedTree> tree{};  // of a directory; null if it has changed
  bool is_tree = false;
};

class ContentDirectory {
 public:
  struct Imported {
    bool done = false;
    std::uint64_t size = 0;
    std::string remark{};  // what was left out, or why it failed
    std::optional<FileIdentity> identity{};
    ContentReference reference{};
  };
  struct Exported {
    bool done = false;
    std::string name;  // the name given, or why it failed
    std::uint64_t size = 0;
    std::optional<FileIdentity> identity;
    ContentReference reference;
  };

  // Throws std::system_error if the directories cannot be created, or if another process uses the hidden one.
  explicit ContentDirectory(ContentOptions options);

  // The content that an earlier process left, in order of keys.
  std::vector<ContentKey> stored() const;

  // Replaces the whole content at once. Returns false, with errno, if the disk fails.
  bool write(ContentKey key, Bytes bytes);
  // A file that the content referred to is kept.
  void erase(ContentKey key);
  // Opens for reading. None if there is no such content, or if it is a tree.
  FileDescriptor open(ContentKey key) const;
  // Opens for reading and writing; creates missing content. None, with errno, if the disk fails, and for content that
  // is a file of the shared directory: that is never written to. If the file has other names (a backup of hard links),
  // the content becomes a copy.
  FileDescriptor open_for_writing(ContentKey key);

  // Makes content refer to a file or a directory of the shared directory.
  Imported import_file(ContentKey key, std::string_view name);
  // Gives content its final name; from then on it refers to that file. Content that already is a file keeps its name.
  Exported export_file(ContentKey key, std::string_view name, bool is_tree = false);

  // The file that content refers to, if any. A tree is searched, which takes time.
  std::optional<ContentReference> reference(ContentKey key) const;
  std::optional<std::string> referenced_name(ContentKey key) const;
  bool is_tree(ContentKey key) const;
  // The current identity of a visible file; nothing if no regular file has that name.
  std::optional<FileIdentity> identity(const std::string& name) const;
  // Where the disk failed, why, and what to do about it.
  std::string problem_of(int error) const;
  // Below 0 without a directory.
  int descriptor() const noexcept { return shared_.number(); }

 private:
  struct Location {
    int directory = -1;
    std::string name;
  };
  Location location_of(ContentKey key) const;
  void open_hidden();
  void find_hidden_again();
  FileDescriptor copy_of(const FileDescriptor& file, const Location& location, ContentKey key);
  bool point(const std::string& link, std::string_view name);
  bool refer(ContentKey key, std::string_view name);
  Imported import_tree(ContentKey key, std::string_view name, FileDescriptor directory);
  bool publish(ContentKey key, std::string_view name, bool is_tree, Exported& result);
  bool build_tree(ContentKey key, const FileDescriptor& content, std::string& problem);
  // Moves hidden content to a free name. Returns the name given, or nothing and the reason.
  std::optional<std::string> appear(ContentKey key, const std::string& hidden, std::string_view name, bool is_tree,
                                    std::string& problem);
  bool move(const std::string& hidden, const std::string& name, bool is_tree);
  void finish_appearance(ContentKey key);
  bool has_appeared(ContentKey key) const;

  ContentOptions options_;
  FileDescriptor shared_;
  FileDescriptor hidden_;
};

}  // namespace peerbed::adapter
