#include "scenarios/plan/built_in.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "scenarios/text/error.h"

namespace peerbed::scenarios {
namespace {

[[noreturn]] void fail(const BuiltInFile& file) {
  throw FileError("cannot read the built-in file " + std::string(file.name) + ": " + std::strerror(errno));
}

// A file in memory, open for the life of the process.
int open_in_memory(const BuiltInFile& file) {
  const int descriptor = memfd_create(std::string(file.name).c_str(), MFD_CLOEXEC);
  if (descriptor < 0) fail(file);
  for (std::string_view rest = file.text; !rest.empty();) {
    const ssize_t written = write(descriptor, rest.data(), rest.size());
    if (written <= 0) fail(file);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return descriptor;
}

}  // namespace

const BuiltInFile* find_built_in(std::string_view name) {
  const std::span<const BuiltInFile> files = built_in_files();
  const auto found = std::find_if(files.begin(), files.end(), [name](const auto& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

std::string built_in_path(const BuiltInFile& file) {
  static std::map<std::string_view, int> open;
  auto found = open.find(file.name);
  if (found == open.end()) found = open.emplace(file.name, open_in_memory(file)).first;
  return "/proc/self/fd/" + std::to_string(found->second);
}

}  // namespace peerbed::scenarios
