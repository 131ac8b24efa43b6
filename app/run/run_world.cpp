#include "app/run/run_world.h"

#include "app/run/run_node_command.h"
#include "scenarios/backends/node_namespaces.h"
#include "scenarios/backends/on_sockets.h"
#include "scenarios/backends/process_backend.h"
#include "scenarios/backends/socket_backend.h"

namespace peerbed::app {

using scenarios::NodePlan;
using scenarios::RunOptions;
using scenarios::RunResult;
using scenarios::Scenario;

const Option in_process_option{"in-process", nullptr, "with --on sockets: all nodes in one process (default)"};
const Option processes_option{"processes", nullptr, "with --on sockets: one process per node; crash = SIGKILL"};
const Option netns_option{"netns", nullptr, "like --processes, with a network namespace each (root)"};

RunWorld sockets_of(const Arguments& arguments) {
  const bool processes = arguments.has("processes") || arguments.has("netns");
  if (processes && arguments.has("in-process"))
    throw UsageError("--in-process contradicts " + std::string(arguments.has("netns") ? "--netns" : "--processes") +
                     "; give one of them");
  if (arguments.has("netns")) return RunWorld::namespaces;
  return processes ? RunWorld::processes : RunWorld::in_process;
}

RunWorld run_world_of(const Arguments& arguments) {
  if (arguments.value("on") == "sockets") return sockets_of(arguments);
  for (const Option& option : {in_process_option, processes_option, netns_option})
    if (arguments.has(option.name)) throw UsageError("--" + std::string(option.name) + " needs --on sockets");
  return RunWorld::simulation;
}

namespace {

RunResult run_in_process(const Scenario& scenario, const RunOptions& options) {
  const scenarios::LoopbackNetwork network;
  const Scenario addressed = scenarios::at_addresses(scenario, network.first());
  scenarios::SocketBackend backend(addressed);
  return scenarios::run_scenario(addressed, backend, options);
}

RunResult run_as_processes(const Scenario& scenario, const RunOptions& options) {
  const scenarios::LoopbackNetwork network;
  const Scenario addressed = scenarios::at_addresses(scenario, network.first());
  scenarios::ProcessBackend backend(addressed, *options.actions, {.command = command_of_node});
  return scenarios::run_scenario(addressed, backend, options);
}

RunResult run_in_namespaces(const Scenario& scenario, const RunOptions& options) {
  const Scenario addressed = scenarios::at_addresses(scenario, scenarios::NodeNamespaces::first_address(scenario));
  scenarios::NodeNamespaces namespaces(addressed, *options.actions);
  const auto command = [&namespaces](const NodePlan& plan) {
    return namespaces.inside(plan.node, command_of_node(plan));
  };
  scenarios::ProcessBackend backend(addressed, *options.actions,
                                    {.command = command,
                                     .rates = scenarios::RateKeeper::kernel,
                                     .keep_rates = [&namespaces](Time now) { namespaces.keep_rates(now); }});
  return scenarios::run_scenario(addressed, backend, options);
}

}  // namespace

RunResult run_in(RunWorld world, const Scenario& scenario, const RunOptions& options) {
  switch (world) {
    case RunWorld::in_process:
      return run_in_process(scenario, options);
    case RunWorld::processes:
      return run_as_processes(scenario, options);
    case RunWorld::namespaces:
      return run_in_namespaces(scenario, options);
    case RunWorld::simulation:
      break;
  }
  return scenarios::run_scenario(scenario, options);
}

}  // namespace peerbed::app
