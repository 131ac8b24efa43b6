#pragma once
// All files of a peer, found by number, root or name. If several files have one name, the first is found. A number is
// given once.

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "protocols/environment/contract.h"
#include "protocols/swarm/files/shared_file.h"

namespace peerbed::swarm {

// What lies under a higher number comes of damage: no peer adds so many files.
constexpr FileNumber highest_file_number = 1U << 30;
constexpr std::size_t maximum_twins = 65'536;  // that are remembered; the oldest is forgotten

class FileTable {
 public:
  // A new file, with a number of its own.
  SharedFile& create(SharedFile::State state, std::string name) {
    SharedFile file;
    file.number = last_number_ + 1;
    file.state = state;
    file.names.push_back(std::move(name));
    return add(std::move(file));
  }
  // A number that something was left behind of is not given again.
  void pass_over(FileNumber number) noexcept {
    if (number <= highest_file_number) last_number_ = std::max(last_number_, number);
  }
  // Its number is above all others.
  SharedFile& add(SharedFile file) {
    PEERBED_CONTRACT(files_.empty() || files_.back().number < file.number, "files are numbered in their order");
    pass_over(file.number);
    for (const std::string& name : file.names) by_name_.emplace(name, file.number);
    if (!file.file_name.empty()) by_name_.emplace(file.file_name, file.number);
    if (!file.root.is_zero()) by_root_.emplace(file.root, file.number);
    files_.push_back(std::move(file));
    return files_.back();
  }
  void remove(FileNumber number) {
    const SharedFile* file = numbered(number);
    if (file == nullptr) return;
    for (const std::string& name : file->names) by_name_.erase({name, number});
    by_name_.erase({file->file_name, number});
    by_root_.erase({file->root, number});
    files_.erase(files_.begin() + (file - files_.data()));
  }
  void clear() {
    files_.clear();
    by_name_.clear();
    by_root_.clear();
  }

  SharedFile* numbered(FileNumber number) noexcept {
    const auto found = std::lower_bound(files_.begin(), files_.end(), number,
                                        [](const SharedFile& file, FileNumber wanted) { return file.number < wanted; });
    return found == files_.end() || found->number != number ? nullptr : &*found;
  }
  SharedFile* rooted(const Root& root) noexcept {
    const auto found = by_root_.lower_bound({root, 0});
    return found == by_root_.end() || found->first != root ? nullptr : numbered(found->second);
  }
  SharedFile* named(std::string_view name) noexcept {
    const auto found = by_name_.lower_bound(std::pair(name, FileNumber{0}));
    return found == by_name_.end() || found->first != name ? nullptr : numbered(found->second);
  }
  // All that have it, in the order of their numbers.
  std::vector<SharedFile*> all_named(std::string_view name) {
    std::vector<SharedFile*> files;
    for (auto entry = by_name_.lower_bound(std::pair(name, FileNumber{0}));
         entry != by_name_.end() && entry->first == name; ++entry)
      files.push_back(numbered(entry->second));
    return files;
  }
  // The one that is, or is about to be, a file of the shared directory of that name.
  SharedFile* in_directory(std::string_view name) noexcept {
    for (auto entry = by_name_.lower_bound(std::pair(name, FileNumber{0}));
         entry != by_name_.end() && entry->first == name; ++entry) {
      SharedFile* file = numbered(entry->second);
      if (file->is_file && file->local_name() == name) return file;
    }
    return nullptr;
  }

  void set_root(SharedFile& file, const Root& root) {
    by_root_.erase({file.root, file.number});
    file.root = root;
    by_root_.emplace(root, file.number);
  }
  void add_name(SharedFile& file, const std::string& name) {
    if (by_name_.emplace(name, file.number).second) file.names.push_back(name);
  }
  void set_file_name(SharedFile& file, const std::string& name) {
    file.file_name = name == file.name() ? std::string() : name;
    by_name_.emplace(name, file.number);
  }
  // Of a file with one name.
  void rename(SharedFile& file, const std::string& name) {
    by_name_.erase({file.names.front(), file.number});
    by_name_.emplace(name, file.number);
    file.names.front() = name;
  }

  // A file that turned out to be another one that is here, and is removed.
  void note_twin(FileNumber number) {
    if (twins_.size() == maximum_twins) twins_.erase(twins_.begin());
    twins_.insert(number);
  }
  bool was_twin(FileNumber number) const { return twins_.contains(number); }

  std::span<const SharedFile> all() const noexcept { return files_; }
  auto begin() noexcept { return files_.begin(); }
  auto end() noexcept { return files_.end(); }
  auto begin() const noexcept { return files_.begin(); }
  auto end() const noexcept { return files_.end(); }
  std::size_t size() const noexcept { return files_.size(); }
  bool empty() const noexcept { return files_.empty(); }
  const SharedFile* data() const noexcept { return files_.data(); }
  SharedFile& operator[](std::size_t index) noexcept { return files_[index]; }

  auto fields() const { return std::tie(files_, last_number_, twins_); }

 private:
  using ByName = std::pair<std::string, FileNumber>;
  struct InOrder {
    using is_transparent = void;
    template <class One, class Other>
    bool operator()(const One& one, const Other& other) const noexcept {
      if (const auto order = std::string_view(one.first) <=> std::string_view(other.first); order != 0)
        return order < 0;
      return one.second < other.second;
    }
  };

  std::vector<SharedFile> files_;  // by number
  std::set<ByName, InOrder> by_name_;
  std::set<std::pair<Root, FileNumber>> by_root_;
  FileNumber last_number_ = 0;
  std::set<FileNumber> twins_;  // numbers
};

}  // namespace peerbed::swarm
