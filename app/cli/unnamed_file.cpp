#include "app/cli/unnamed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "scenarios/text/error.h"

namespace peerbed::app {

adapter::FileDescriptor unnamed_file() {
  std::FILE* file = std::tmpfile();
  if (file == nullptr)
    throw scenarios::FileError(std::string("cannot create a temporary file: ") + std::strerror(errno) + "; make room");
  adapter::FileDescriptor descriptor(fcntl(fileno(file), F_DUPFD_CLOEXEC, 0));
  std::fclose(file);
  return descriptor;
}

std::string content_of(const adapter::FileDescriptor& file, std::size_t most) {
  struct stat status {};
  if (fstat(file.number(), &status) != 0) return {};
  std::string text(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), most), '\0');
  std::size_t read = 0;
  while (read < text.size()) {
    const ssize_t size = pread(file.number(), text.data() + read, text.size() - read, static_cast<off_t>(read));
    if (size <= 0) break;
    read += static_cast<std::size_t>(size);
  }
  text.resize(read);
  return text;
}

bool write_all(int file, const std::string& bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t size = write(file, bytes.data() + written, bytes.size() - written);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    written += static_cast<std::size_t>(size);
  }
  return true;
}

}  // namespace peerbed::app
