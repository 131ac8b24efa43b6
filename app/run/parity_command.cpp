#include <cmath>
#include <iostream>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/scenario_box.h"
#include "app/cli/terminal.h"
#include "app/run/report.h"
#include "app/run/run_world.h"
#include "scenarios/plan/lower.h"
#include "scenarios/run/parity.h"
#include "scenarios/run/property_checker.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using scenarios::ParityReport;
using scenarios::ParityRow;
using scenarios::RunResult;

std::string percent(double share) {
  const double tenths = std::round(share * 1000);
  const auto whole = static_cast<long>(std::fabs(tenths));
  if (whole == 0) return "0 %";
  return std::string(tenths < 0 ? "-" : "+") + std::to_string(whole / 10) + "." + std::to_string(whole % 10) + " %";
}

std::string verdict_on(const ParityRow& row, const analysis::Style& style) {
  if (!row.tolerance) return style.dim("few");
  return row.agrees ? style.green("agrees") : style.red("DIFFERS");
}

void print(std::ostream& out, const RunResult& simulated, const RunResult& real, const ParityReport& report,
           const analysis::Style& style) {
  using analysis::Align;
  out << style.bold(simulated.scenario) << ": " << scenarios::show_counted(simulated.nodes, "node") << ", seed "
      << simulated.seed << ", simulated and over sockets\n";
  if (!simulated.description.empty()) out << style.dim(simulated.description) << '\n';
  out << '\n';
  analysis::Table table({{"Metric", Align::left},
                         {"simulated", Align::right},
                         {"sockets", Align::right},
                         {"difference", Align::right},
                         {"", Align::left}});
  for (const ParityRow& row : report.rows)
    table.add({row.metric, scenarios::show_metric(row.simulated), scenarios::show_metric(row.real),
               percent(row.difference()), verdict_on(row, style)});
  table.print(out, style, 0);
  if (report.operations > 0)
    out << '\n'
        << (report.differing_hops == 0 ? style.green("equal  ") : style.red("DIFFER ")) << "hops of "
        << scenarios::show_count(report.operations) << " operations, node by node"
        << (report.differing_hops == 0 ? "" : ": " + std::to_string(report.differing_hops) + " differ") << '\n';
  for (const std::string& expectation : report.expectations) out << style.red("DIFFERS") << " " << expectation << '\n';
  out << '\n' << style.bold("Conditions over sockets, and what imposes them") << '\n';
  for (const std::string& remark : real.remarks) out << "  " << remark << '\n';
  out << '\n' << (report.agrees() ? "Simulation and sockets agree." : "Simulation and sockets differ.") << '\n';
}

// Runs with a progress line.
RunResult run_shown(RunWorld world, const scenarios::Scenario& scenario, scenarios::RunOptions options) {
  ProgressLine progress_line;
  options.on_progress = [&](const scenarios::Progress& progress) {
    progress_line.show(progress);
    return !interrupted();
  };
  return run_in(world, scenario, options);
}

int parity(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().size() != 1 || arguments.positional().front().empty())
    throw UsageError("parity takes one scenario: peerbed parity SCENARIO");
  scenarios::ParityOptions parity;
  if (const auto within = arguments.value("within")) {
    const auto share = scenarios::parse_probability(*within);
    if (!share) throw UsageError("'--within " + *within + "' is not a percentage; write one such as 10%");
    parity.within = *share;
  }
  const scenarios::Scenario scenario = scenarios::load_scenario(read_scenario(arguments.positional().front()),
                                                                invocation.registry, overrides_of(arguments));
  const auto actions = scenarios::lowered_actions(scenario);
  remember_interrupts();
  scenarios::HopJournal simulated_hops(scenario);
  scenarios::HopJournal real_hops(scenario);
  scenarios::RunOptions options;
  options.actions = &actions;
  // Run over sockets first: unsupported scenarios are refused there.
  options.observers = {&real_hops};
  const RunResult real = run_shown(sockets_of(arguments), scenario, options);
  if (real.interrupted) return exit_interrupted;
  options.observers = {&simulated_hops};
  const RunResult simulated = run_shown(RunWorld::simulation, scenario, options);
  if (simulated.interrupted) return exit_interrupted;
  ParityReport report = scenarios::compare_worlds(simulated, real, parity);
  report.operations = std::max(simulated_hops.count(), real_hops.count());
  report.differing_hops = scenarios::differing_hops(simulated_hops, real_hops);
  if (arguments.has("json"))
    std::cout << scenarios::parity_json(simulated, real, report);
  else
    print(std::cout, simulated, real, report, stdout_style());
  return report.agrees() ? exit_good : exit_expectation_failed;
}

}  // namespace

Command parity_command() {
  return {
      .name = "parity",
      .summary = "runs a scenario simulated and over sockets, and compares the two",
      .forms = {"SCENARIO [options]"},
      .operand = "SCENARIO",
      .description =
          "Runs a scenario in the simulator and in real time over sockets, and checks that the results agree. Exits "
          "with 1 if they differ.",
      .options = {{"seed", "N", "random seed (default: from the scenario)"},
                  {"set", "KEY=VALUE", "set a parameter or any key of the scenario", true},
                  {"within", "SHARE", "tolerance for times, messages and bytes (default: 10%)"},
                  in_process_option,
                  processes_option,
                  netns_option,
                  {"json", nullptr, "print one JSON object instead of the table"}},
      .examples = {{"peerbed parity ring-coursework", "seven peers, three minutes"},
                   {"peerbed parity swarm-speedup --set sources=2 --set size=64MiB --within 20%", "a download"}},
      .run = parity,
  };
}

}  // namespace peerbed::app
