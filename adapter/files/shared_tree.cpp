#include "adapter/files/shared_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "adapter/base/failure.h"
#include "adapter/base/write_all.h"
#include "adapter/files/safe_name.h"

namespace peerbed::adapter {

namespace {

constexpr std::uint64_t listing_mark = 0x5D'54'72'65'65'00'00'01;  // and version 1
constexpr std::size_t header_size = 8 + 8 + 4;                     // mark, size of the listing, number of entries
constexpr std::size_t entry_size = 2 + 8;                          // plus the path
constexpr std::size_t copied_at_once = 1024 * 1024;

// A path inside the tree: each component is a safe name, and not too deep.
bool is_safe_path(std::string_view path) noexcept {
  if (path.empty() || path.size() > maximum_tree_path) return false;
  if (path.ends_with('/')) path.remove_suffix(1);
  for (std::size_t depth = 0; depth < maximum_tree_depth; ++depth) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (!is_safe_name(path.substr(0, slash))) return false;
    if (slash == path.size()) return true;
    path.remove_prefix(slash + 1);
  }
  return false;
}

struct Found {
  std::string path;
  std::uint64_t size = 0;
};

// Scans a directory recursively, with one open descriptor per level.
class Scan {
 public:
  std::vector<Found> found;
  std::size_t left_out = 0;
  std::string problem;

  bool look(int parent, const std::string& prefix, std::size_t depth) {
    FileDescriptor again(::openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!again) return fail(prefix);
    DIR* listing = ::fdopendir(again.release());
    if (listing == nullptr) return fail(prefix);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(listing)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(listing);
    const std::size_t before = found.size();
    for (const std::string& name : names)
      if (!take(parent, prefix, name, depth)) return false;
    if (found.size() == before && !prefix.empty()) found.push_back({prefix, 0});
    return true;
  }

 private:
  bool take(int parent, const std::string& prefix, const std::string& name, std::size_t depth) {
    struct stat status {};
    if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return true;  // it disappeared meanwhile
      return fail(prefix + name);
    }
    const bool is_directory = S_ISDIR(status.st_mode);
    const std::string path = prefix + name + (is_directory ? "/" : "");
    if (!is_safe_path(path) || depth + 1 >= maximum_tree_depth || !(is_directory || S_ISREG(status.st_mode))) {
      ++left_out;
      return true;
    }
    if (found.size() >= maximum_tree_files) {
      problem = "a tree has at most " + std::to_string(maximum_tree_files) + " files";
      return false;
    }
    if (!is_directory) {
      found.push_back({path, static_cast<std::uint64_t>(status.st_size)});
      return true;
    }
    const FileDescriptor below(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    return below ? look(below.number(), path, depth + 1) : fail(path);
  }
  bool fail(const std::string& path) {
    problem = (path.empty() ? std::string() : path + ": ") + reason_of(errno);
    return false;
  }
};

bool read_exactly(int file, std::span<std::byte> out, std::uint64_t offset) {
  while (!out.empty()) {
    const ssize_t got = ::pread(file, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

// Makes the parent directories of `path`, except those shared with the previous path, which exist.
bool make_parents(int directory, std::string_view path, std::string& last) {
  const std::size_t end = path.rfind('/');
  if (end == std::string_view::npos || last == path.substr(0, end)) return true;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
    if (::mkdirat(directory, std::string(path.substr(0, slash)).c_str(), 0755) != 0 && errno != EEXIST) return false;
  last = path.substr(0, end);
  return true;
}

bool make_file(int directory, const SharedTree::Entry& entry, int content, std::span<std::byte> buffer) {
  const FileDescriptor file(
      ::openat(directory, std::string(entry.path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return false;
  for (std::uint64_t done = 0; done < entry.size;) {
    const std::span<std::byte> part = buffer.first(std::min<std::uint64_t>(buffer.size(), entry.size - done));
    if (!read_exactly(content, part, entry.begin + done) || !write_all(file.number(), part)) return false;
    done += part.size();
  }
  return true;
}

}  // namespace

std::shared_ptr<SharedTree> SharedTree::scan(FileDescriptor directory, std::size_t& left_out, std::string& problem) {
  Scan scan;
  if (!scan.look(directory.number(), "", 0)) {
    problem = scan.problem;
    return nullptr;
  }
  left_out = scan.left_out;
  std::sort(scan.found.begin(), scan.found.end(),
            [](const Found& one, const Found& other) { return one.path < other.path; });
  std::uint64_t size = header_size;
  for (const Found& found : scan.found) size += entry_size + found.path.size();
  if (size > maximum_listing) {
    problem = "its names are too long, all in all";
    return nullptr;
  }
  std::vector<std::byte> listing(size);
  Writer writer(listing);
  writer.integers(listing_mark, size, static_cast<std::uint32_t>(scan.found.size()));
  for (const Found& found : scan.found) {
    writer.sized_bytes(std::as_bytes(std::span(found.path)));
    writer.integer(found.size);
  }
  std::shared_ptr<SharedTree> tree = find(std::move(directory), std::move(listing));
  if (tree == nullptr) problem = "it changed while it was looked through";
  return tree;
}

std::shared_ptr<SharedTree> SharedTree::find(FileDescriptor directory, std::vector<std::byte> listing) {
  std::shared_ptr<SharedTree> tree(new SharedTree(std::move(directory)));
  tree->listing_ = std::move(listing);
  std::string ignored;
  return tree->decode(ignored) && tree->note_identities() ? tree : nullptr;
}

// Paths must be in strict order, so none repeats.
bool SharedTree::decode(std::string& problem) {
  problem = "its tree of files is damaged";
  Reader reader(listing_);
  std::uint64_t mark = 0;
  std::uint64_t size = 0;
  std::uint32_t count = 0;
  reader.integers(mark, size, count);
  if (!reader.ok() || mark != listing_mark || size != listing_.size() || count > maximum_tree_files) return false;
  if (reader.remaining() / entry_size < count) return false;
  entries_.reserve(count);
  std::uint64_t begin = size;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Bytes path = reader.sized_bytes();
    Entry entry{{reinterpret_cast<const char*>(path.data()), path.size()}, begin, reader.integer<std::uint64_t>()};
    if (!reader.ok() || !is_safe_path(entry.path) || entry.size > UINT64_MAX / 2 - begin) return false;
    if (entry.is_directory() && entry.size != 0) return false;
    if (!entries_.empty() && !(entries_.back().path < entry.path)) return false;
    begin += entry.size;
    entries_.push_back(entry);
  }
  if (reader.remaining() > 0) return false;
  problem.clear();
  return true;
}

bool SharedTree::note_identities() {
  identities_.resize(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].is_directory()) continue;
    const FileDescriptor file = open(i);
    const auto identity = file ? identity_of(file.number()) : std::nullopt;
    if (!identity || identity->size != entries_[i].size) return false;
    identities_[i] = *identity;
  }
  return true;
}

// Opens component by component, so that no link on the way is followed.
FileDescriptor SharedTree::open(std::size_t entry) const {
  std::string_view path = entries_[entry].path;
  FileDescriptor parent;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    const std::string name(path.substr(0, slash));
    const int above = parent ? parent.number() : directory_.number();
    parent = FileDescriptor(::openat(above, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!parent) return {};
    path.remove_prefix(slash + 1);
  }
  return FileDescriptor(::openat(parent ? parent.number() : directory_.number(), std::string(path).c_str(),
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

std::vector<std::string> SharedTree::directories() const {
  std::vector<std::string> paths{""};
  for (const Entry& entry : entries_)
    for (std::size_t slash = entry.path.find('/'); slash != std::string_view::npos;
         slash = entry.path.find('/', slash + 1))
      paths.emplace_back(entry.path.substr(0, slash));
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

bool SharedTree::is_entry_unchanged(std::size_t entry) const {
  if (entries_[entry].is_directory()) return true;
  const FileDescriptor file = open(entry);
  return file && identity_of(file.number()) == identities_[entry];
}

bool SharedTree::is_unchanged(std::size_t first, std::size_t count) const {
  for (std::size_t i = first; i < first + count; ++i)
    if (!is_entry_unchanged(i)) return false;
  return true;
}

// For a directory, checks the first file below it.
bool SharedTree::is_unchanged(std::string_view path) const {
  const auto entry =
      std::partition_point(entries_.begin(), entries_.end(), [path](const Entry& each) { return each.path < path; });
  const auto index = static_cast<std::size_t>(entry - entries_.begin());
  if (entry != entries_.end() && entry->path == path) return is_entry_unchanged(index);
  const std::string below = std::string(path) + "/";
  const auto first =
      std::partition_point(entry, entries_.end(), [&below](const Entry& each) { return each.path < below; });
  if (first == entries_.end() || !first->path.starts_with(below)) return true;
  return is_entry_unchanged(static_cast<std::size_t>(first - entries_.begin()));
}

bool SharedTree::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset > size() || out.size() > size() - offset) return false;
  if (offset < listing_.size()) {
    const std::size_t count = std::min<std::uint64_t>(out.size(), listing_.size() - offset);
    std::copy_n(listing_.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    out = out.subspan(count);
    offset += count;
  }
  auto entry = std::partition_point(entries_.begin(), entries_.end(),
                                    [offset](const Entry& each) { return each.end() <= offset; });
  for (; !out.empty(); ++entry) {
    if (entry->size == 0) continue;
    const auto index = static_cast<std::size_t>(entry - entries_.begin());
    const FileDescriptor file = open(index);
    const std::span<std::byte> part = out.first(std::min<std::uint64_t>(out.size(), entry->end() - offset));
    if (!file || identity_of(file.number()) != identities_[index]) return false;
    if (!read_exactly(file.number(), part, offset - entry->begin)) return false;
    out = out.subspan(part.size());
    offset += part.size();
  }
  return true;
}

std::optional<Sha256> SharedTree::hash(std::uint64_t offset, std::uint64_t size) const {
  std::vector<std::byte> bytes(size);
  return read(offset, bytes) ? sha256_of(bytes) : std::nullopt;
}

std::optional<std::vector<std::byte>> SharedTree::listing_of(int content) {
  std::array<std::byte, header_size> header;
  if (!read_exactly(content, header, 0)) return std::nullopt;
  Reader reader(header);
  std::uint64_t mark = 0;
  std::uint64_t size = 0;
  reader.integers(mark, size);
  if (mark != listing_mark || size < header_size || size > maximum_listing) return std::nullopt;
  const auto identity = identity_of(content);
  if (!identity || size > identity->size) return std::nullopt;
  std::vector<std::byte> listing(size);
  if (!read_exactly(content, listing, 0)) return std::nullopt;
  return listing;
}

bool SharedTree::make(int directory, int content, std::string& problem) {
  SharedTree tree{FileDescriptor()};
  auto listing = listing_of(content);
  if (listing) tree.listing_ = std::move(*listing);
  if (!tree.decode(problem)) return false;
  const auto identity = identity_of(content);
  if (!identity || identity->size != tree.size()) {
    problem = "its bytes are not those of its files";
    return false;
  }
  std::vector<std::byte> buffer(copied_at_once);
  std::string parents;
  for (const Entry& entry : tree.entries_) {
    const bool is_made = make_parents(directory, entry.path, parents) &&
                         (entry.is_directory() || make_file(directory, entry, content, buffer));
    if (is_made) continue;
    problem = std::string(entry.path) + ": " + reason_of(errno);
    return false;
  }
  return true;
}

}  // namespace peerbed::adapter
