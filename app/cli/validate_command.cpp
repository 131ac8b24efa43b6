#include <iostream>

#include "analysis/results/one_line.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/scenario_box.h"
#include "app/cli/terminal.h"
#include "scenarios/plan/lower.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

int validate(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().empty()) throw UsageError("validate takes scenarios: peerbed validate SCENARIO...");
  int code = exit_good;
  for (const std::string& name : arguments.positional()) {
    try {
      const scenarios::Scenario scenario = scenarios::load_scenario(read_scenario(name), invocation.registry);
      const std::size_t actions = scenarios::lowered_actions(scenario).size();
      std::cout << name << ": valid: " << scenarios::show_counted(scenario.node_count(), "node") << ", "
                << scenarios::show_duration(static_cast<double>(scenario.duration.count())) << ", "
                << scenarios::show_counted(actions, "fault") << '\n';
      for (const std::string& remark : scenario.remarks) std::cout << "  " << analysis::one_line(remark) << '\n';
    } catch (const scenarios::ScenarioError& error) {
      complain(error.what());
      code = exit_usage;
    }
  }
  return code;
}

}  // namespace

Command validate_command() {
  return {
      .name = "validate",
      .summary = "checks scenarios for errors",
      .forms = {"SCENARIO..."},
      .operand = "SCENARIO",
      .description = "Checks scenarios without running them, and reports errors with file, line and column.",
      .examples = {{"peerbed validate ring-steady", "a built-in scenario"},
                   {"peerbed validate mine.yaml yours.yaml", "your own files"}},
      .run = validate,
  };
}

}  // namespace peerbed::app
