#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "app/command_line.h"
#include "app/commands.h"
#include "app/terminal.h"
#include "scenarios/field.h"
#include "scenarios/lower.h"
#include "scenarios/units.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;

const std::vector<Option> list_options{{"help", nullptr, "shows this"}};
const std::vector<Option> validate_options{{"help", nullptr, "shows this"}};

// A scenario's first comment line says what it shows.
std::string first_comment(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line))
    if (line.starts_with("# ")) return line.substr(2);
  return {};
}

std::vector<fs::path> scenarios_in(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  if (folder.empty()) return files;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

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
  for (const fs::path& file : scenarios_in(folder)) known.push_back(file.stem().string());
  const std::string nearest = fs::exists(name + ".yaml", error) ? name + ".yaml" : scenarios::nearest_word(name, known);
  throw scenarios::ScenarioError(
      {name, 1, 1},
      "there is no such file; " + (nearest.empty() ? "give the path of a scenario, or a name that `peerbed list` shows"
                                                   : "did you mean '" + nearest + "'?"));
}

int list_command(const Invocation& invocation) {
  const Arguments arguments(invocation.words, list_options);
  if (arguments.has("help")) {
    std::cout << "peerbed list\nShows the scenarios in the box, the protocols, and what nodes report.\n";
    return exit_good;
  }
  if (!arguments.positional().empty()) throw UsageError("list takes no arguments: peerbed list");
  const analysis::Style style = stdout_style();
  const std::string folder = scenario_folder();
  std::cout << style.bold("Scenarios") << (folder.empty() ? "" : " in " + folder) << '\n';
  analysis::Table scenarios_table({{"", analysis::Align::left}, {"", analysis::Align::left}});
  for (const fs::path& file : scenarios_in(folder)) scenarios_table.add({file.stem().string(), first_comment(file)});
  scenarios_table.print(std::cout, style);
  for (const auto& protocol : invocation.registry.all()) {
    std::cout << '\n' << style.bold("Protocol " + std::string(protocol->name())) << ": " << protocol->summary() << '\n';
    analysis::Table events({{"reports", analysis::Align::left}, {"fields", analysis::Align::left}});
    for (const TraceEventType& type : protocol->trace_events()) {
      std::string fields;
      for (std::size_t i = 0; i < type.field_count(); ++i)
        fields.append(i == 0 ? "" : ", ").append(type.fields[i].name);
      events.add({std::string(type.name), fields});
    }
    events.print(std::cout, style);
  }
  std::cout << "\nA report EVENT becomes the metric EVENT.count, and each of its fields EVENT.FIELD.mean, .deviation, "
               ".p50, .p90,\n.p99 and .max, or .share where it is yes or no.\n";
  return exit_good;
}

int validate_command(const Invocation& invocation) {
  const Arguments arguments(invocation.words, validate_options);
  if (arguments.has("help")) {
    std::cout << "peerbed validate FILE...\nReads scenarios and says what is wrong with them, without running them.\n";
    return exit_good;
  }
  if (arguments.positional().empty()) throw UsageError("validate takes scenarios: peerbed validate FILE...");
  int code = exit_good;
  for (const std::string& name : arguments.positional()) {
    try {
      const scenarios::Scenario scenario = scenarios::load_scenario(find_scenario(name), invocation.registry);
      const std::size_t actions = scenarios::lowered_actions(scenario).size();
      std::cout << name << ": good: " << scenarios::show_count(scenario.node_count()) << " nodes, "
                << scenarios::show_duration(static_cast<double>(scenario.duration.count())) << ", "
                << scenarios::show_count(actions) << " faults\n";
    } catch (const scenarios::ScenarioError& error) {
      std::cerr << error.what() << '\n';
      code = exit_usage;
    }
  }
  return code;
}

}  // namespace peerbed::app
