#include "app/run/run_node_command.h"

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "scenarios/backends/play_node.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

// Arguments are positional, because only this program writes them.
enum Word : std::size_t { scenario_file, node, first_address, disks, incarnation, changes, rates, words_in_all };

}  // namespace

std::vector<std::string> command_of_node(const scenarios::NodePlan& plan) {
  return {"/proc/self/exe",
          "run-node",
          plan.scenario,
          std::to_string(plan.node),
          std::to_string(plan.first.value),
          plan.disks,
          std::to_string(plan.incarnation),
          std::to_string(plan.changes),
          plan.rates == scenarios::RateKeeper::kernel ? "kernel" : "host"};
}

int run_node_command(const Invocation& invocation) {
  const Words& words = invocation.words;
  if (words.size() != words_in_all)
    throw UsageError("run-node is internal; use `peerbed run --on sockets --processes`");
  const auto number = [&words](Word index) { return scenarios::parse_count(words[index]).value_or(0); };
  scenarios::NodePlan plan;
  plan.scenario = words[scenario_file];
  plan.node = static_cast<NodeIndex>(number(node));
  plan.first = Address{number(first_address)};
  plan.disks = words[disks];
  plan.incarnation = static_cast<std::uint32_t>(number(incarnation));
  plan.changes = number(changes);
  plan.rates = words[rates] == "kernel" ? scenarios::RateKeeper::kernel : scenarios::RateKeeper::host;
  scenarios::play_node(plan, scenarios::load_scenario(plan.scenario, invocation.registry));
  return exit_good;
}

}  // namespace peerbed::app
