#pragma once
// Tracks which content of a node is a visible file, and whether that file is unchanged since it was hashed: the same
// size, inode, and nanoseconds of its last modification and last inode change. A file is watched while the node runs,
// checked before its bytes are served, and checked again periodically, because the kernel does not report writes
// through another name or a mapping. All of it runs in the loop's thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/files/content_directory.h"
#include "adapter/files/file_watch.h"

namespace peerbed::adapter {

class ContentReferences {
 public:
  // `changed` is called when a file has changed, and not again until it has been hashed.
  using Changed = std::function<void(ContentKey)>;
  ContentReferences(EventLoop& loop, const ContentDirectory& directory, Changed changed);

  // Content left by an earlier process is known by name only, until it is hashed.
  void find(const std::vector<ContentKey>& stored);
  // The content is about to become a file of that name: from now on, changes to it count.
  void expect(ContentKey key, std::string_view name);
  void set(ContentKey key, const ContentReference& reference, const std::optional<FileIdentity>& identity);
  void forget(ContentKey key);
  void clear();

  bool contains(ContentKey key) const { return references_.contains(key); }
  // Null unless the content is a known tree.
  std::shared_ptr<const SharedTree> tree(ContentKey key) const;
  // Records a file's identity at the time it was hashed. The first is accepted; returns false if a later one differs
  // from it.
  bool confirm(ContentKey key, const std::optional<FileIdentity>& identity);
  // Whether the file is known and unchanged. If not, it counts as changed.
  bool is_as_it_was(ContentKey key);
  void note_change(ContentKey key);
  // Takes the kernel's pending reports, and checks some of the files.
  void look();
  // For a change that the node knows about: the file will be hashed again.
  void forget_identity(ContentKey key);

 private:
  struct Entry {
    std::string name;
    bool is_tree = false;
    std::shared_ptr<const SharedTree> tree{};
    std::optional<FileIdentity> identity{};
    bool is_told = false;
    bool is_expected = false;    // it is about to become a file; it is checked then
    std::vector<int> watches{};  // of the directories of a tree
  };
  FileWatch& watch();
  void look_again_later();
  void look_at_some();
  std::size_t look_at_tree(ContentKey key, const SharedTree& tree, std::size_t most);
  void hear(const FileWatch::Event& event);
  void check(ContentKey key, bool is_written);
  void check_all();
  void watch_tree(ContentKey key, Entry& entry);
  void unwatch_tree(ContentKey key, Entry& entry);
  bool is_in_place(const Entry& entry) const;

  EventLoop& loop_;
  const ContentDirectory& directory_;
  Changed changed_;
  std::unique_ptr<FileWatch> watch_;  // created when there is something to watch
  int shared_ = -1;                   // watch number of the shared directory
  std::map<ContentKey, Entry> references_;
  std::map<std::string, std::set<ContentKey>, std::less<>> by_name_;
  struct TreeDirectory {
    ContentKey key;
    std::string path;  // inside the tree, with a trailing slash; empty: the tree's root
  };
  std::map<int, TreeDirectory> trees_;     // by watch number
  ContentKey next_{};                      // the next to check
  std::size_t next_file_ = 0;              // the next file of it, if it is a tree
  EventLoop::Clock::time_point looked_{};  // last check before a command
  std::shared_ptr<bool> looking_{};        // while periodic checks run
};

}  // namespace peerbed::adapter
