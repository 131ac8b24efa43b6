#pragma once
// Runs the program from a shell, for tests: a folder to run it in, and the outcome.

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/catch.h"

namespace peerbed::tests {

namespace fs = std::filesystem;

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

inline std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// A temporary folder for one test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "peerbed_app_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path operator/(const char* name) const { return path_ / name; }

  Outcome peerbed(const std::string& arguments, const std::string& environment = "") const {
    return shell(environment + " " PEERBED_PROGRAM " " + arguments);
  }
  // Runs a shell command in this folder.
  Outcome shell(const std::string& command) const {
    const std::string line = "cd " + path_.string() + " && { " + command + "\n} >out.txt 2>err.txt </dev/null";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(path_ / "out.txt"), text_of(path_ / "err.txt")};
  }
  void write(const char* name, const std::string& text) const { std::ofstream(path_ / name) << text; }

 private:
  fs::path path_;
};

inline const std::string small = R"(# A small ring.
duration: 30s
network: {latency: 20ms, loss: 2%}
groups:
  nodes: {protocol: ring, count: 12}
workload:
  - {rate: 5/s, do: "lookup {key}"}
churn:
  - {nodes: nodes, session: {exponential: 30s}, down: {exponential: 5s}}
expect: [violations >= 0, lookup.done.count > 10]
)";

inline std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  return text.substr(text.rfind('\n', end) + 1, end - text.rfind('\n', end));
}

// The command after "rerun: ".
inline std::string command_in(const std::string& line) {
  REQUIRE(line.starts_with("rerun: "));
  return line.substr(std::string("rerun: ").size());
}

inline std::string digest_line(const std::string& text) {
  const std::size_t begin = text.find("digest ");
  REQUIRE(begin != std::string::npos);
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace peerbed::tests
