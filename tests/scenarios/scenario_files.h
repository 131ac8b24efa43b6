#pragma once
// A temporary folder with the files of a scenario.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace peerbed::tests {

class ScenarioFiles {
 public:
  ScenarioFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "peerbed_scenarios_XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~ScenarioFiles() { std::filesystem::remove_all(folder_); }
  ScenarioFiles(const ScenarioFiles&) = delete;
  ScenarioFiles& operator=(const ScenarioFiles&) = delete;

  void write(const char* name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  std::string scenario() const { return (folder_ / "t.yaml").string(); }

 private:
  std::filesystem::path folder_;
};

}  // namespace peerbed::tests
