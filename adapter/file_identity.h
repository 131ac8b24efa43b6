#pragma once
// By what a change of a file is noticed without reading it.

#include <sys/stat.h>

#include <cstdint>
#include <optional>

namespace peerbed::adapter {

struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t seconds = 0;  // of the last modification
  std::int64_t nanoseconds = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Of a regular file; nothing of anything else.
inline std::optional<FileIdentity> identity_of(const struct stat& status) noexcept {
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return FileIdentity{static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
                      static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

inline std::optional<FileIdentity> identity_of(int file) noexcept {
  struct stat status {};
  return ::fstat(file, &status) == 0 ? identity_of(status) : std::nullopt;
}

}  // namespace peerbed::adapter
