#include "app/scenario_box.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "scenarios/error.h"
#include "scenarios/field.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;

std::string first_comment(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line))
    if (line.starts_with("# ")) return line.substr(2);
  return {};
}

}  // namespace

std::vector<BoxedScenario> scenarios_in(const std::string& folder) {
  std::vector<BoxedScenario> scenarios;
  std::error_code error;
  if (folder.empty()) return scenarios;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".yaml")
      scenarios.push_back({entry.path().stem().string(), first_comment(entry.path())});
  std::sort(scenarios.begin(), scenarios.end(),
            [](const BoxedScenario& a, const BoxedScenario& b) { return a.name < b.name; });
  return scenarios;
}

// Beside an installed program, or above a build folder in the source tree, or here.
std::string scenario_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& candidate : {program / "../share/peerbed/scenarios", program / "../../scenarios",
                                    program / "../scenarios", fs::path("scenarios")}) {
    if (!scenarios_in(candidate.string()).empty()) return fs::weakly_canonical(candidate, error).string();
  }
  return {};
}

std::string find_scenario(const std::string& name) {
  std::error_code error;
  if (fs::exists(name, error) || name.find('/') != std::string::npos) return name;
  const std::string folder = scenario_folder();
  const fs::path in_box = fs::path(folder) / (name.ends_with(".yaml") ? name : name + ".yaml");
  if (fs::is_regular_file(in_box, error)) return in_box.string();
  std::vector<std::string> known;
  for (const BoxedScenario& scenario : scenarios_in(folder)) known.push_back(scenario.name);
  const std::string nearest = fs::exists(name + ".yaml", error) ? name + ".yaml" : scenarios::nearest_word(name, known);
  throw scenarios::ScenarioError(
      {name, 1, 1},
      "there is no such file; " + (nearest.empty() ? "give the path of a scenario, or a name that `peerbed list` shows"
                                                   : "did you mean '" + nearest + "'?"));
}

}  // namespace peerbed::app
