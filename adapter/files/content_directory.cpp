#include "adapter/files/content_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "adapter/base/failure.h"
#include "adapter/base/write_all.h"
#include "adapter/files/content_names.h"
#include "adapter/files/safe_name.h"

namespace peerbed::adapter {

namespace {

constexpr mode_t file_mode = 0644;

[[noreturn]] void refuse(const std::filesystem::path& path, const char* what) {
  throw std::system_error(errno, std::generic_category(), path.string() + ": " + what);
}

// The names in a directory, in the kernel's order.
std::vector<std::string> names_in(int directory) {
  std::vector<std::string> names;
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* listing = copy < 0 ? nullptr : ::fdopendir(copy);
  if (listing == nullptr) return names;
  while (const dirent* entry = ::readdir(listing)) names.emplace_back(entry->d_name);
  ::closedir(listing);
  return names;
}

// Opens a regular file, without following a link. Anything else could make a reader block for ever.
FileDescriptor open_regular(int directory, const std::string& name, int how) noexcept {
  FileDescriptor file(::openat(directory, name.c_str(), how | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, file_mode));
  struct stat status {};
  if (!file || ::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return file;
}

FileDescriptor open_directory(int parent, const std::string& name) noexcept {
  return FileDescriptor(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Skips holes if the file system reports them.
bool copy_all(int from, int to) noexcept {
  constexpr std::size_t at_once = std::size_t{1} << 30;
  struct stat status {};
  if (::fstat(from, &status) != 0 || ::ftruncate(to, status.st_size) != 0) return false;
  for (off_t begin = ::lseek(from, 0, SEEK_DATA); begin >= 0 && begin < status.st_size;
       begin = ::lseek(from, begin, SEEK_DATA)) {
    const off_t end = ::lseek(from, begin, SEEK_HOLE);
    off_t destination = begin;
    while (begin < end) {
      const auto wanted = std::min(at_once, static_cast<std::size_t>(end - begin));
      const ssize_t copied = ::copy_file_range(from, &begin, to, &destination, wanted, 0);
      if (copied < 0 && errno == EINTR) continue;
      if (copied <= 0) return false;
    }
  }
  return true;
}

// Why a file of the shared directory cannot be content.
std::string why_not_content(int directory, const std::string& name) {
  struct stat status {};
  const FileDescriptor tried(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!tried && errno != ENXIO) return reason_of(errno);
  const bool is_known = ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  return is_known && !S_ISREG(status.st_mode) ? "it is neither a file nor a directory" : "it cannot be opened";
}

}  // namespace

ContentDirectory::ContentDirectory(ContentOptions options) : options_(std::move(options)) {
  const std::filesystem::path& path = options_.directory;
  if (path.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(path, error);
  shared_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!shared_) refuse(path, "cannot be opened as a directory");
  open_hidden();
  if (::flock(hidden_.number(), LOCK_EX | LOCK_NB) != 0) refuse(path / options_.hidden, "is used by another node");
  const std::vector<std::string> names = names_in(hidden_.number());
  for (const std::string& name : names)
    if (const auto key = content_names::key_of_intention(name)) finish_appearance(*key);
  std::error_code ignored;
  for (const std::string& name : names)
    if (content_names::is_new(name)) std::filesystem::remove_all(path / options_.hidden / name, ignored);
}

void ContentDirectory::open_hidden() {
  if (::mkdirat(shared_.number(), options_.hidden.c_str(), 0700) != 0 && errno != EEXIST)
    refuse(options_.directory, "cannot be written to");
  hidden_ = open_directory(shared_.number(), options_.hidden);
  if (!hidden_) refuse(options_.directory / options_.hidden, "cannot be opened as a directory");
}

// If somebody removed the hidden directory, its contents are lost but nothing else: the descriptor, which workers use
// too, now refers to a new one.
void ContentDirectory::find_hidden_again() {
  struct stat status {};
  if (::fstat(hidden_.number(), &status) != 0 || status.st_nlink > 0) return;
  ::mkdirat(shared_.number(), options_.hidden.c_str(), 0700);
  const FileDescriptor fresh = open_directory(shared_.number(), options_.hidden);
  if (!fresh) return;
  ::flock(fresh.number(), LOCK_EX | LOCK_NB);
  ::dup3(fresh.number(), hidden_.number(), O_CLOEXEC);
}

std::string ContentDirectory::problem_of(int error) const {
  std::error_code ignored;
  const std::filesystem::path path = std::filesystem::absolute(options_.directory, ignored).lexically_normal();
  return path.string() + ": " + reason_of(error) + remedy_for(error);
}

std::vector<ContentKey> ContentDirectory::stored() const {
  std::vector<ContentKey> keys;
  if (!shared_) return keys;
  for (const std::string& name : names_in(hidden_.number()))
    if (const auto key = content_names::key_of(name)) keys.push_back(*key);
  if (options_.visible.key_of)
    for (const std::string& name : names_in(shared_.number()))
      if (const auto key = options_.visible.key_of(name)) keys.push_back(*key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

ContentDirectory::Location ContentDirectory::location_of(ContentKey key) const {
  std::string name = options_.visible.name_of ? options_.visible.name_of(key) : std::string();
  if (!name.empty()) return {shared_.number(), std::move(name)};
  return {hidden_.number(), content_names::of(key)};
}

bool ContentDirectory::write(ContentKey key, Bytes bytes) {
  if (!shared_) return false;
  find_hidden_again();
  const Location location = location_of(key);
  const std::string fresh = content_names::fresh(key);
  const FileDescriptor file = open_regular(hidden_.number(), fresh, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return false;
  if (write_all(file.number(), bytes) &&
      ::renameat(hidden_.number(), fresh.c_str(), location.directory, location.name.c_str()) == 0)
    return true;
  const int error = errno;
  ::unlinkat(hidden_.number(), fresh.c_str(), 0);
  errno = error;
  return false;
}

void ContentDirectory::erase(ContentKey key) {
  if (!shared_) return;
  const Location location = location_of(key);
  ::unlinkat(location.directory, location.name.c_str(), 0);
  ::unlinkat(hidden_.number(), content_names::listing(key).c_str(), 0);
}

// ---------------------------------------------------------------------------------------------------------------------
// References

// The file of the shared directory that content refers to, by a link that only this class creates.
std::optional<std::string> ContentDirectory::referenced_name(ContentKey key) const {
  constexpr std::string_view parent = "../";
  if (!shared_) return std::nullopt;
  const Location location = location_of(key);
  std::array<char, parent.size() + maximum_name + 1> target;
  const ssize_t size = ::readlinkat(location.directory, location.name.c_str(), target.data(), target.size());
  if (size < 0) return std::nullopt;
  std::string_view text(target.data(), static_cast<std::size_t>(size));
  if (!text.starts_with(parent)) return std::nullopt;
  text.remove_prefix(parent.size());
  if (!is_safe_name(text)) return std::nullopt;
  return std::string(text);
}

bool ContentDirectory::is_tree(ContentKey key) const {
  struct stat status {};
  return shared_ && ::fstatat(hidden_.number(), content_names::listing(key).c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

std::optional<ContentReference> ContentDirectory::reference(ContentKey key) const {
  auto name = referenced_name(key);
  if (!name) return std::nullopt;
  ContentReference reference{std::move(*name), nullptr, is_tree(key)};
  if (!reference.is_tree) return reference;
  const FileDescriptor file = open_regular(hidden_.number(), content_names::listing(key), O_RDONLY);
  auto listing = file ? SharedTree::listing_of(file.number()) : std::nullopt;
  FileDescriptor directory = open_directory(shared_.number(), reference.name);
  if (listing && directory) reference.tree = SharedTree::find(std::move(directory), std::move(*listing));
  return reference;
}

std::optional<FileIdentity> ContentDirectory::identity(const std::string& name) const {
  struct stat status {};
  if (::fstatat(shared_.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return identity_of(status);
}

FileDescriptor ContentDirectory::open(ContentKey key) const {
  if (!shared_) return {};
  const Location location = location_of(key);
  if (FileDescriptor file = open_regular(location.directory, location.name, O_RDONLY)) return file;
  const auto name = referenced_name(key);
  return name ? open_regular(shared_.number(), *name, O_RDONLY) : FileDescriptor();
}

FileDescriptor ContentDirectory::open_for_writing(ContentKey key) {
  if (!shared_) return {};
  find_hidden_again();
  const Location location = location_of(key);
  FileDescriptor file = open_regular(location.directory, location.name, O_RDWR | O_CREAT);
  struct stat status {};
  if (!file || ::fstat(file.number(), &status) != 0) return {};
  return status.st_nlink > 1 ? copy_of(file, location, key) : std::move(file);
}

// Replaces the file as content. The file itself may be a backup, or the visible file of an export that was cut short.
FileDescriptor ContentDirectory::copy_of(const FileDescriptor& file, const Location& location, ContentKey key) {
  const std::string fresh = content_names::fresh(key);
  FileDescriptor copy = open_regular(hidden_.number(), fresh, O_RDWR | O_CREAT | O_TRUNC);
  if (copy && copy_all(file.number(), copy.number()) &&
      ::renameat(hidden_.number(), fresh.c_str(), location.directory, location.name.c_str()) == 0)
    return copy;
  const int error = errno;
  ::unlinkat(hidden_.number(), fresh.c_str(), 0);
  errno = error;
  return {};
}

// Makes a hidden link with this name point to a file of the shared directory.
bool ContentDirectory::point(const std::string& link, std::string_view name) {
  const std::string target = "../" + std::string(name);
  ::unlinkat(hidden_.number(), link.c_str(), 0);
  return ::symlinkat(target.c_str(), hidden_.number(), link.c_str()) == 0;
}

bool ContentDirectory::refer(ContentKey key, std::string_view name) {
  const std::string fresh = content_names::fresh(key);
  return point(fresh, name) &&
         ::renameat(hidden_.number(), fresh.c_str(), hidden_.number(), content_names::of(key).c_str()) == 0;
}

ContentDirectory::Imported ContentDirectory::import_file(ContentKey key, std::string_view given) {
  if (!shared_) return {.remark = "there is no directory"};
  if (!is_safe_name(given)) return {.remark = safe_name_rule};
  const std::string name(given);
  find_hidden_again();
  if (FileDescriptor directory = open_directory(shared_.number(), name))
    return import_tree(key, name, std::move(directory));
  const FileDescriptor file = open_regular(shared_.number(), name, O_RDONLY);
  if (!file) return {.remark = why_not_content(shared_.number(), name)};
  const auto identity = identity_of(file.number());
  ::unlinkat(hidden_.number(), content_names::listing(key).c_str(), 0);
  if (!identity || !refer(key, name)) return {.remark = problem_of(errno)};
  return {true, identity->size, {}, identity, {name, nullptr, false}};
}

ContentDirectory::Imported ContentDirectory::import_tree(ContentKey key, std::string_view name,
                                                         FileDescriptor directory) {
  Imported result{.reference = {std::string(name), nullptr, true}};
  std::size_t left_out = 0;
  const auto tree = SharedTree::scan(std::move(directory), left_out, result.remark);
  if (tree == nullptr) return result;
  const std::string fresh = content_names::fresh(key);
  const FileDescriptor file = open_regular(hidden_.number(), fresh, O_WRONLY | O_CREAT | O_TRUNC);
  result.done =
      file && write_all(file.number(), tree->listing()) &&
      ::renameat(hidden_.number(), fresh.c_str(), hidden_.number(), content_names::listing(key).c_str()) == 0 &&
      refer(key, name);
  if (!result.done) {
    result.remark = problem_of(errno);
    return result;
  }
  result.remark = std::to_string(tree->files()) + (tree->files() == 1 ? " file" : " files");
  if (left_out > 0)
    result.remark += ", without " + std::to_string(left_out) +
                     (left_out == 1 ? " entry that is a link, special, hidden or of no safe name"
                                    : " entries that are links, special, hidden or of no safe name");
  result.size = tree->size();
  result.reference.tree = tree;
  return result;
}

// ---------------------------------------------------------------------------------------------------------------------
// How content gets a visible name: an intention, which is a link to the name, is put beside the content; the content is
// moved to the name; the intention replaces the content. So whenever the process ends, the next one can find the
// content.

// Returns false, with errno, if the name is taken. The kernel decides that atomically.
bool ContentDirectory::move(const std::string& hidden, const std::string& name, bool is_tree) {
  if (options_.on_conflict == OnConflict::replace && !is_tree)
    return ::renameat(hidden_.number(), hidden.c_str(), shared_.number(), name.c_str()) == 0;
  if (::renameat2(hidden_.number(), hidden.c_str(), shared_.number(), name.c_str(), RENAME_NOREPLACE) == 0) return true;
  if ((errno != EINVAL && errno != ENOSYS) || is_tree) return false;
  // For file systems without that: link() also fails if the name is taken.
  if (::linkat(hidden_.number(), hidden.c_str(), shared_.number(), name.c_str(), 0) != 0) return false;
  ::unlinkat(hidden_.number(), hidden.c_str(), 0);
  return true;
}

std::optional<std::string> ContentDirectory::appear(ContentKey key, const std::string& hidden, std::string_view name,
                                                    bool is_tree, std::string& problem) {
  constexpr unsigned most_attempts = 10'000;
  const std::string intention = content_names::intention(key);
  std::string chosen(name);
  for (unsigned attempt = 2; point(intention, chosen); ++attempt) {
    if (move(hidden, chosen, is_tree)) return chosen;
    const int error = errno;
    const bool is_taken = error == EEXIST;
    if (!is_taken || options_.on_conflict != OnConflict::rename || attempt > most_attempts) {
      ::unlinkat(hidden_.number(), intention.c_str(), 0);
      problem = is_taken || error == EISDIR ? reason_of(error) : problem_of(error);
      if (is_taken || error == EISDIR) problem += "; move it away, or choose with --on-conflict";
      return std::nullopt;
    }
    chosen = numbered_name(name, attempt);
  }
  problem = problem_of(errno);
  return std::nullopt;
}

// Whether an intention has been carried out. A tree is built under another name and moved from there.
bool ContentDirectory::has_appeared(ContentKey key) const {
  const std::string content = content_names::of(key);
  struct stat status {};
  if (is_tree(key))
    return ::fstatat(hidden_.number(), content_names::built(key).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0;
  if (::fstatat(hidden_.number(), content.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return true;
  const std::string intention = content_names::intention(key);
  struct stat target {};
  return ::fstatat(hidden_.number(), intention.c_str(), &target, 0) == 0 && target.st_dev == status.st_dev &&
         target.st_ino == status.st_ino;
}

void ContentDirectory::finish_appearance(ContentKey key) {
  const std::string intention = content_names::intention(key);
  if (has_appeared(key)) {
    ::renameat(hidden_.number(), intention.c_str(), hidden_.number(), content_names::of(key).c_str());
  } else {
    ::unlinkat(hidden_.number(), intention.c_str(), 0);
    ::unlinkat(hidden_.number(), content_names::listing(key).c_str(), 0);
  }
}

ContentDirectory::Exported ContentDirectory::export_file(ContentKey key, std::string_view name, bool is_tree) {
  Exported result;
  if (!shared_ || !is_safe_name(name)) {
    result.name = shared_ ? safe_name_rule : "there is no directory";
    return result;
  }
  if (!referenced_name(key) && !publish(key, name, is_tree, result)) return result;
  if (result.reference.name.empty()) {
    auto reference = this->reference(key);
    if (!reference) {
      result.name = problem_of(errno);
      return result;
    }
    result.reference = std::move(*reference);
    result.identity = identity(result.reference.name);
  }
  result.name = result.reference.name;
  result.size = result.reference.tree ? result.reference.tree->size() : result.identity ? result.identity->size : 0;
  result.done = true;
  return result;
}

// Anyone who sees the file may change it at once, so its identity is recorded before it has its name.
bool ContentDirectory::publish(ContentKey key, std::string_view name, bool is_tree, Exported& result) {
  std::string hidden = content_names::of(key);
  const FileDescriptor file = open_regular(hidden_.number(), hidden, O_RDONLY);
  if (!file || ::fdatasync(file.number()) != 0) {
    result.name = problem_of(errno);
    return false;
  }
  std::shared_ptr<const SharedTree> tree;
  if (is_tree) {
    if (!build_tree(key, file, result.name)) return false;
    hidden = content_names::built(key);
    auto listing = SharedTree::listing_of(file.number());
    if (listing) tree = SharedTree::find(open_directory(hidden_.number(), hidden), std::move(*listing));
  }
  const auto before = identity_of(file.number());
  auto got = appear(key, hidden, name, is_tree, result.name);
  const auto after = identity_of(file.number());
  std::error_code ignored;
  if (!got && is_tree) std::filesystem::remove_all(options_.directory / options_.hidden / hidden, ignored);
  if (!got) return false;
  if (!is_tree) result.identity = before && after && has_same_bytes(*before, *after) ? after : before;
  result.reference = {std::move(*got), std::move(tree), is_tree};
  finish_appearance(key);
  ::fsync(shared_.number());
  ::fsync(hidden_.number());
  return true;
}

// The listing is written first: the next process tells a tree from a file by it.
bool ContentDirectory::build_tree(ContentKey key, const FileDescriptor& content, std::string& problem) {
  const std::string built = content_names::built(key);
  std::error_code ignored;
  std::filesystem::remove_all(options_.directory / options_.hidden / built, ignored);
  if (::mkdirat(hidden_.number(), built.c_str(), 0755) != 0) {
    problem = problem_of(errno);
    return false;
  }
  const FileDescriptor directory = open_directory(hidden_.number(), built);
  const auto listing = SharedTree::listing_of(content.number());
  bool is_built = directory && listing && SharedTree::make(directory.number(), content.number(), problem);
  if (!directory || !listing) problem = "its tree of files is damaged";
  if (is_built) {
    const std::string fresh = content_names::fresh(key);
    const FileDescriptor file = open_regular(hidden_.number(), fresh, O_WRONLY | O_CREAT | O_TRUNC);
    is_built = file && write_all(file.number(), *listing) && ::syncfs(directory.number()) == 0 &&
               ::renameat(hidden_.number(), fresh.c_str(), hidden_.number(), content_names::listing(key).c_str()) == 0;
    if (!is_built) problem = problem_of(errno);
  }
  if (!is_built) std::filesystem::remove_all(options_.directory / options_.hidden / built, ignored);
  return is_built;
}

}  // namespace peerbed::adapter
