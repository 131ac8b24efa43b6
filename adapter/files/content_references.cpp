#include "adapter/files/content_references.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace peerbed::adapter {

namespace {

using namespace std::chrono_literals;

constexpr auto look_period = 500ms;
constexpr auto shortest_look_pause = 100ms;   // a script may give thousands of commands
constexpr std::size_t files_looked_at = 256;  // at once

}  // namespace

ContentReferences::ContentReferences(EventLoop& loop, const ContentDirectory& directory, Changed changed)
    : loop_(loop), directory_(directory), changed_(std::move(changed)) {}

FileWatch& ContentReferences::watch() {
  if (watch_ == nullptr) {
    watch_ = std::make_unique<FileWatch>(loop_, [this](const FileWatch::Event& event) { hear(event); });
    shared_ = watch_->add(directory_.descriptor());
    looking_ = std::make_shared<bool>(true);
    look_again_later();
  }
  return *watch_;
}

void ContentReferences::find(const std::vector<ContentKey>& stored) {
  for (const ContentKey key : stored) {
    const auto name = directory_.referenced_name(key);
    if (!name) continue;
    expect(key, *name);
    references_[key].is_tree = directory_.is_tree(key);
    references_[key].is_expected = false;
  }
}

void ContentReferences::expect(ContentKey key, std::string_view name) {
  watch().drain();  // earlier reports are no changes
  forget(key);
  references_[key] = {.name = std::string(name), .is_expected = true};
  by_name_[std::string(name)].insert(key);
}

void ContentReferences::set(ContentKey key, const ContentReference& reference,
                            const std::optional<FileIdentity>& identity) {
  const auto known = references_.find(key);
  const bool is_told = known != references_.end() && known->second.is_told;
  if (known == references_.end() || known->second.name != reference.name) expect(key, reference.name);
  Entry& entry = references_[key];
  entry.is_tree = reference.is_tree;
  entry.tree = reference.tree;
  entry.identity = identity;
  entry.is_told = is_told;
  entry.is_expected = false;
  if (entry.tree != nullptr) watch_tree(key, entry);
  if (identity) check(key, false);
}

void ContentReferences::forget(ContentKey key) {
  const auto known = references_.find(key);
  if (known == references_.end()) return;
  unwatch_tree(key, known->second);
  const auto named = by_name_.find(known->second.name);
  named->second.erase(key);
  if (named->second.empty()) by_name_.erase(named);
  references_.erase(known);
}

void ContentReferences::clear() {
  references_.clear();
  by_name_.clear();
  trees_.clear();
  watch_.reset();
  looking_.reset();
}

std::shared_ptr<const SharedTree> ContentReferences::tree(ContentKey key) const {
  const auto known = references_.find(key);
  return known == references_.end() ? nullptr : known->second.tree;
}

bool ContentReferences::confirm(ContentKey key, const std::optional<FileIdentity>& identity) {
  const auto known = references_.find(key);
  if (known == references_.end() || known->second.is_tree) return true;
  Entry& entry = known->second;
  if (!entry.identity) entry.identity = identity;
  if (entry.identity == identity) return true;
  note_change(key);
  return false;
}

bool ContentReferences::is_as_it_was(ContentKey key) {
  const auto known = references_.find(key);
  if (known == references_.end()) return true;
  const Entry& entry = known->second;
  if (entry.is_told) return false;
  if (entry.is_tree ? entry.tree == nullptr : !entry.identity) return false;  // must be hashed first
  // The files of a tree are checked when they are read.
  if (entry.is_tree ? is_in_place(entry) : directory_.identity(entry.name) == entry.identity) return true;
  note_change(key);
  return false;
}

void ContentReferences::note_change(ContentKey key) {
  const auto known = references_.find(key);
  if (known == references_.end() || std::exchange(known->second.is_told, true)) return;
  changed_(key);
}

void ContentReferences::forget_identity(ContentKey key) {
  const auto known = references_.find(key);
  if (known == references_.end()) return;
  known->second.is_told = false;
  known->second.identity.reset();
  known->second.tree.reset();
}

// ---------------------------------------------------------------------------------------------------------------------
// Periodic checks

void ContentReferences::look_again_later() {
  loop_.after(look_period, [this, alive = std::weak_ptr(looking_)] {
    if (alive.expired()) return;
    look_at_some();
    look_again_later();
  });
}

void ContentReferences::look() {
  if (watch_ == nullptr) return;
  watch_->drain();
  const EventLoop::Clock::time_point now = EventLoop::Clock::now();
  if (now - looked_ < shortest_look_pause) return;
  looked_ = now;
  look_at_some();
}

// Checks the next files in order of keys; a tree with more files than one turn allows is continued in the next.
void ContentReferences::look_at_some() {
  std::size_t looks = files_looked_at;
  for (std::size_t left = references_.size(); left > 0 && looks > 0; --left) {
    auto known = references_.lower_bound(next_);
    if (known == references_.end()) known = references_.begin();
    const auto& [key, entry] = *known;
    if (key != next_) next_file_ = 0;
    next_ = key;
    if (!entry.is_told && (entry.identity || entry.tree != nullptr)) check(key, false);
    looks -= entry.tree != nullptr ? look_at_tree(key, *entry.tree, looks) : 1;
    if (entry.tree != nullptr && next_file_ < entry.tree->files()) return;
    next_ = ContentKey{key.value + 1};
  }
}

// Returns how many files were checked.
std::size_t ContentReferences::look_at_tree(ContentKey key, const SharedTree& tree, std::size_t most) {
  const std::size_t begin = std::min(next_file_, tree.files());
  const std::size_t count = std::min(most, tree.files() - begin);
  if (!tree.is_unchanged(begin, count)) note_change(key);
  next_file_ = begin + count;
  return std::max<std::size_t>(count, 1);
}

// ---------------------------------------------------------------------------------------------------------------------
// Reports from the kernel

void ContentReferences::hear(const FileWatch::Event& event) {
  if (event.is_overflown) return check_all();
  if (event.directory != shared_) {
    const auto tree = trees_.find(event.directory);
    if (tree == trees_.end()) return;
    const auto known = references_.find(tree->second.key);
    if (known == references_.end() || known->second.tree == nullptr) return;
    if (event.name.empty() || known->second.tree->is_unchanged(tree->second.path + std::string(event.name))) return;
    return note_change(tree->second.key);
  }
  const auto named = by_name_.find(event.name);
  if (named == by_name_.end()) return;
  const std::set<ContentKey> keys = named->second;
  for (const ContentKey key : keys) check(key, event.is_written);
}

void ContentReferences::check_all() {
  std::vector<ContentKey> keys;
  for (const auto& [key, entry] : references_) keys.push_back(key);
  for (const ContentKey key : keys) {
    const auto known_tree = tree(key);
    known_tree != nullptr && !known_tree->is_unchanged() ? note_change(key) : check(key, false);
  }
}

// If the identity is unknown, the file is being read right now.
void ContentReferences::check(ContentKey key, bool is_written) {
  const auto known = references_.find(key);
  if (known == references_.end()) return;
  const Entry& entry = known->second;
  const bool is_same =
      entry.is_expected ||
      (entry.is_tree ? is_in_place(entry) : entry.identity && directory_.identity(entry.name) == entry.identity);
  if (is_written || !is_same) note_change(key);
}

// Whether a tree is known and its name still leads to its directory.
bool ContentReferences::is_in_place(const Entry& entry) const {
  struct stat known {};
  struct stat named {};
  return entry.tree != nullptr && ::fstat(entry.tree->directory(), &known) == 0 &&
         ::fstatat(directory_.descriptor(), entry.name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         known.st_dev == named.st_dev && known.st_ino == named.st_ino;
}

// A directory that cannot be watched is checked when it is read.
void ContentReferences::watch_tree(ContentKey key, Entry& entry) {
  unwatch_tree(key, entry);
  for (const std::string& path : entry.tree->directories()) {
    const FileDescriptor directory(::openat(entry.tree->directory(), path.empty() ? "." : path.c_str(),
                                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    const int number = directory ? watch().add(directory.number()) : -1;
    if (number < 0 || number == shared_) continue;
    entry.watches.push_back(number);
    trees_[number] = {key, path.empty() ? path : path + "/"};
  }
}

void ContentReferences::unwatch_tree(ContentKey key, Entry& entry) {
  for (const int number : std::exchange(entry.watches, {})) {
    const auto known = trees_.find(number);
    if (known == trees_.end() || known->second.key != key) continue;
    trees_.erase(known);
    watch().remove(number);
  }
}

}  // namespace peerbed::adapter
