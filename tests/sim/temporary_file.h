#pragma once
// A temporary file that a test writes, and optional public data sets.

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

// The loader's message for a file that it refuses, without the file's name; empty if it accepts the file.
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

// The path of a public data set inside the folder that PEERBED_DATA names; nothing if that is not set.
inline std::optional<std::string> data_set(const std::string& name) {
  const char* folder = std::getenv("PEERBED_DATA");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  return std::string(folder) + "/" + name;
}

}  // namespace peerbed::sim
