#pragma once
// Writes until the kernel has taken everything.

#include <unistd.h>

#include <cerrno>

#include "protocols/environment/codec.h"

namespace peerbed::adapter {

// False if the kernel takes no more; errno says why.
inline bool write_all(int file, Bytes bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace peerbed::adapter
