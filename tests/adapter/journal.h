#pragma once
// Records what the nodes of a host traced and printed, for tests; and a directory that is removed after its test.

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/host.h"

namespace peerbed::adapter {

class Journal : public Observer {
 public:
  struct Entry {
    NodeIndex node = 0;
    std::uint16_t type = 0;
    TraceValues values{};
  };
  struct Line {
    NodeIndex node = 0;
    std::string text;
  };
  void on_trace(Time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    entries.push_back({node, type, values});
  }
  void on_line(Time, NodeIndex node, std::string_view line) override { lines.push_back({node, std::string(line)}); }
  void on_exit(Time, NodeIndex node) override { exits.push_back(node); }
  void on_warning(Time, NodeIndex node, std::string_view sentence) override {
    warnings.push_back({node, std::string(sentence)});
  }

  bool has_line(NodeIndex node, std::string_view part) const {
    return std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
      return line.node == node && line.text.find(part) != std::string::npos;
    });
  }
  std::size_t count(std::uint16_t type) const {
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [type](const Entry& entry) { return entry.type == type; }));
  }

  std::vector<Entry> entries;
  std::vector<Line> lines;
  std::vector<NodeIndex> exits;
  std::vector<Line> warnings;
};

class TemporaryDirectory {
 public:
  enum Where { in_memory, on_disk };

  // In memory, if the system has such a file system: there, flushing a file takes no time.
  explicit TemporaryDirectory(Where where = in_memory) {
    const std::filesystem::path memory = "/dev/shm";
    const bool has_memory = where == in_memory && ::access(memory.c_str(), W_OK) == 0;
    std::string pattern =
        ((has_memory ? memory : std::filesystem::temp_directory_path()) / "peerbed-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace peerbed::adapter
