#pragma once
// Identifies a version of a file, so that a change is noticed without reading it.

#include <sys/stat.h>

#include <cstdint>
#include <optional>

namespace peerbed::adapter {

struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_seconds = 0;  // when bytes were last written; the owner of the file can forge it
  std::int64_t modified_nanoseconds = 0;
  std::int64_t changed_seconds = 0;  // when bytes or the inode last changed; nobody can forge it
  std::int64_t changed_nanoseconds = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Whether both are the same file and nobody wrote to it in between without resetting its modification time. Moving or
// linking the file changes the other fields.
inline bool has_same_bytes(const FileIdentity& one, const FileIdentity& other) noexcept {
  FileIdentity moved = one;
  moved.changed_seconds = other.changed_seconds;
  moved.changed_nanoseconds = other.changed_nanoseconds;
  return moved == other;
}

// Nothing unless it is a regular file.
inline std::optional<FileIdentity> identity_of(const struct stat& status) noexcept {
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return FileIdentity{static_cast<std::uint64_t>(status.st_dev),
                      static_cast<std::uint64_t>(status.st_ino),
                      static_cast<std::uint64_t>(status.st_size),
                      status.st_mtim.tv_sec,
                      status.st_mtim.tv_nsec,
                      status.st_ctim.tv_sec,
                      status.st_ctim.tv_nsec};
}

inline std::optional<FileIdentity> identity_of(int file) noexcept {
  struct stat status {};
  return ::fstat(file, &status) == 0 ? identity_of(status) : std::nullopt;
}

}  // namespace peerbed::adapter
