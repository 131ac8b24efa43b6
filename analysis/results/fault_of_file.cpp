#include "analysis/results/fault_of_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace peerbed::analysis {

std::string fault_of_file(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return "is missing";
    return std::string("cannot be read: ") + std::strerror(errno);
  }
  if (S_ISDIR(status.st_mode)) return "is a folder, not a file";
  if (S_ISFIFO(status.st_mode)) return "is a pipe, not a file";
  if (S_ISSOCK(status.st_mode)) return "is a socket, not a file";
  if (!S_ISREG(status.st_mode)) return "is a device, not a file";
  if (access(path.c_str(), R_OK) != 0) return std::string("cannot be read: ") + std::strerror(errno);
  return {};
}

}  // namespace peerbed::analysis
