#pragma once
// A file that a test writes for itself and that goes away with it; and the data sets that may be at hand.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace peerbed::sim {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    static int count = 0;
    path_ = (std::filesystem::temp_directory_path() /
             ("peerbed-test-" + std::to_string(getpid()) + "-" + std::to_string(++count)))
                .string();
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

// What the loader says of a file it refuses, without the file's name; empty when it accepts it.
template <class Load>
std::string refusal(std::string_view content, Load load) {
  const TemporaryFile file(content);
  try {
    load(file.path());
  } catch (const std::runtime_error& error) {
    const std::string message = error.what();
    return message.substr(0, file.path().size()) == file.path() ? message.substr(file.path().size()) : message;
  }
  return {};
}

// The path of a public data set below the folder that PEERBED_DATA names; nothing when that is not set.
inline std::optional<std::string> data_set(const std::string& name) {
  const char* folder = std::getenv("PEERBED_DATA");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  return std::string(folder) + "/" + name;
}

}  // namespace peerbed::sim
