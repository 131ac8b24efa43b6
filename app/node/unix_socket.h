#pragma once
// The address of a Unix socket, in the kernel's form.

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace peerbed::app {

// Throws std::runtime_error if the path is longer than the kernel allows (107 bytes).
inline sockaddr_un unix_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.empty() || text.size() >= sizeof address.sun_path)
    throw std::runtime_error(text + ": the path of a socket can have at most 107 bytes; use a shorter one");
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

}  // namespace peerbed::app
