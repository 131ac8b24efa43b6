#include "adapter/content_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "adapter/safe_name.h"

namespace peerbed::adapter {

namespace {

constexpr std::string_view suffix_of_new = ".new";  // of what is not complete yet, and is forgotten at the next start
constexpr mode_t file_mode = 0644;

std::string hexadecimal(ContentKey key) {
  std::array<char, 16> digits;
  digits.fill('0');
  std::array<char, 16> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), key.value, 16).ptr;
  std::copy_backward(text.data(), end, digits.end());
  return {digits.begin(), digits.end()};
}

std::optional<ContentKey> from_hexadecimal(std::string_view text) noexcept {
  ContentKey key;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key.value, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return key;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const char* what) {
  throw std::system_error(errno, std::generic_category(), path.string() + ": " + what);
}

// The names in a directory, in the order in which the kernel lists them.
std::vector<std::string> names_in(int directory) {
  std::vector<std::string> names;
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* listing = copy < 0 ? nullptr : ::fdopendir(copy);
  if (listing == nullptr) return names;
  while (const dirent* entry = ::readdir(listing)) names.emplace_back(entry->d_name);
  ::closedir(listing);
  return names;
}

bool write_all(int file, Bytes bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

// A regular file, and not one behind a link: what else could stand there might make a reader wait for ever.
FileDescriptor open_regular(int directory, const std::string& name, int how) noexcept {
  FileDescriptor file(::openat(directory, name.c_str(), how | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, file_mode));
  struct stat status {};
  if (!file || ::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return file;
}

}  // namespace

ContentDirectory::ContentDirectory(ContentOptions options) : options_(std::move(options)) {
  const std::filesystem::path& path = options_.directory;
  if (path.empty()) return;
  std::filesystem::create_directories(path);
  shared_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!shared_) refuse(path, "is no directory that can be opened");
  if (::mkdirat(shared_.number(), options_.hidden.c_str(), 0700) != 0 && errno != EEXIST)
    refuse(path, "cannot be written to");
  hidden_ = FileDescriptor(
      ::openat(shared_.number(), options_.hidden.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!hidden_) refuse(path / options_.hidden, "is no directory that can be opened");
  if (::flock(hidden_.number(), LOCK_EX | LOCK_NB) != 0) refuse(path / options_.hidden, "is used by another node");
  for (const std::string& name : names_in(hidden_.number()))
    if (name.ends_with(suffix_of_new)) ::unlinkat(hidden_.number(), name.c_str(), 0);
}

std::vector<ContentKey> ContentDirectory::stored() const {
  std::vector<ContentKey> keys;
  if (!shared_) return keys;
  for (const std::string& name : names_in(hidden_.number()))
    if (const auto key = from_hexadecimal(name)) keys.push_back(*key);
  if (options_.visible.key_of)
    for (const std::string& name : names_in(shared_.number()))
      if (const auto key = options_.visible.key_of(name)) keys.push_back(*key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

ContentDirectory::Place ContentDirectory::place_of(ContentKey key) const {
  std::string name = options_.visible.name_of ? options_.visible.name_of(key) : std::string();
  if (!name.empty()) return {shared_.number(), std::move(name)};
  return {hidden_.number(), hexadecimal(key)};
}

bool ContentDirectory::write(ContentKey key, Bytes bytes) {
  if (!shared_) return false;
  const Place place = place_of(key);
  const std::string fresh = hexadecimal(key).append(suffix_of_new);
  const FileDescriptor file = open_regular(hidden_.number(), fresh, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return false;
  if (write_all(file.number(), bytes) &&
      ::renameat(hidden_.number(), fresh.c_str(), place.directory, place.name.c_str()) == 0)
    return true;
  ::unlinkat(hidden_.number(), fresh.c_str(), 0);
  return false;
}

void ContentDirectory::erase(ContentKey key) {
  if (!shared_) return;
  const Place place = place_of(key);
  ::unlinkat(place.directory, place.name.c_str(), 0);
}

// The file of the shared directory that content refers to, by a link that only this class makes.
std::optional<std::string> ContentDirectory::referenced_file(ContentKey key) const {
  constexpr std::string_view parent = "../";
  const Place place = place_of(key);
  std::array<char, parent.size() + maximum_name + 1> target;
  const ssize_t size = ::readlinkat(place.directory, place.name.c_str(), target.data(), target.size());
  if (size < 0) return std::nullopt;
  std::string_view text(target.data(), static_cast<std::size_t>(size));
  if (!text.starts_with(parent)) return std::nullopt;
  text.remove_prefix(parent.size());
  if (!is_safe_name(text)) return std::nullopt;
  return std::string(text);
}

FileDescriptor ContentDirectory::open(ContentKey key) const {
  if (!shared_) return {};
  const Place place = place_of(key);
  if (FileDescriptor file = open_regular(place.directory, place.name, O_RDONLY)) return file;
  const auto name = referenced_file(key);
  return name ? open_regular(shared_.number(), *name, O_RDONLY) : FileDescriptor();
}

FileDescriptor ContentDirectory::open_for_writing(ContentKey key) {
  if (!shared_) return {};
  const Place place = place_of(key);
  if (referenced_file(key)) ::unlinkat(place.directory, place.name.c_str(), 0);
  return open_regular(place.directory, place.name, O_RDWR | O_CREAT);
}

bool ContentDirectory::refer(ContentKey key, std::string_view name) {
  const std::string fresh = hexadecimal(key).append(suffix_of_new);
  const std::string target = "../" + std::string(name);
  ::unlinkat(hidden_.number(), fresh.c_str(), 0);
  return ::symlinkat(target.c_str(), hidden_.number(), fresh.c_str()) == 0 &&
         ::renameat(hidden_.number(), fresh.c_str(), hidden_.number(), hexadecimal(key).c_str()) == 0;
}

std::optional<std::uint64_t> ContentDirectory::import_file(ContentKey key, std::string_view name) {
  if (!shared_ || !is_safe_name(name)) return std::nullopt;
  const FileDescriptor file = open_regular(shared_.number(), std::string(name), O_RDONLY);
  struct stat status {};
  if (!file || ::fstat(file.number(), &status) != 0 || !refer(key, name)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

// The content has both names until it is a reference, so that whenever the process ends it has one of them.
bool ContentDirectory::export_file(ContentKey key, std::string_view name) {
  if (!shared_ || !is_safe_name(name)) return false;
  const auto referred = referenced_file(key);
  if (referred == name) return true;
  const FileDescriptor file = open(key);
  if (!file || ::fdatasync(file.number()) != 0) return false;
  const Place source = referred ? Place{shared_.number(), *referred} : Place{hidden_.number(), hexadecimal(key)};
  const std::string fresh = hexadecimal(key) + ".out" + std::string(suffix_of_new);
  ::unlinkat(hidden_.number(), fresh.c_str(), 0);
  const bool linked = ::linkat(source.directory, source.name.c_str(), hidden_.number(), fresh.c_str(), 0) == 0;
  if (!linked && referred) return false;
  // Where the file system knows no links, the content is moved.
  const std::string& moved = linked ? fresh : source.name;
  if (::renameat(hidden_.number(), moved.c_str(), shared_.number(), std::string(name).c_str()) != 0) return false;
  ::unlinkat(hidden_.number(), fresh.c_str(), 0);  // it stays where both names were one file already
  if (!refer(key, name)) return false;
  ::fsync(shared_.number());
  ::fsync(hidden_.number());
  return true;
}

}  // namespace peerbed::adapter
