#include <iostream>
#include <map>

#include "analysis/results/one_line.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/scenario_box.h"
#include "app/cli/terminal.h"
#include "scenarios/plan/lower.h"
#include "scenarios/plan/site_placement.h"
#include "scenarios/proof/check_scenario.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

// Where the nodes of each group are: "  peers: Oslo 12, Bergen 3".
void show_sites(const scenarios::Scenario& scenario) {
  constexpr std::size_t most_named = 8;
  if (scenarios::site_count(scenario.network) == 0) return;
  const scenarios::SitePlacement placement(scenario);
  for (const scenarios::Group& group : scenario.groups) {
    std::map<sim::SiteIndex, std::size_t> counts;
    for (std::size_t i = 0; i < group.plan.count; ++i) ++counts[placement.site_of(group, i)];
    std::cout << "  " << group.plan.name << ": ";
    std::size_t named = 0;
    for (const auto& [site, count] : counts) {
      if (named == most_named) break;
      std::cout << (named++ == 0 ? "" : ", ") << analysis::one_line(scenarios::label_of_site(scenario.network, site))
                << ' ' << scenarios::show_count(count);
    }
    if (counts.size() > named) std::cout << " and " << scenarios::show_counted(counts.size() - named, "more site");
    std::cout << '\n';
  }
}

int validate(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().empty()) throw UsageError("validate takes scenarios: peerbed validate SCENARIO...");
  int code = exit_good;
  for (const std::string& name : arguments.positional()) {
    try {
      const scenarios::Scenario scenario = scenarios::load_scenario(read_scenario(name), invocation.registry);
      if (scenario.check) scenarios::check_of(scenario);
      const std::size_t actions = scenarios::lowered_actions(scenario).size();
      std::cout << name << ": valid: " << scenarios::show_counted(scenario.node_count(), "node") << ", "
                << scenarios::show_duration(static_cast<double>(scenario.duration.count())) << ", "
                << scenarios::show_counted(actions, "fault") << '\n';
      show_sites(scenario);
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
