// Usage: run_digests SCENARIO...
// Runs each scenario on both event queues and on three threads, and prints a line for each with the digest of the run.
// Linked without the program's commands, since another compiler builds it for each test.

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>

#include "scenarios/plan/scenario.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"

namespace {

using namespace peerbed;

void print_digests(const std::string& file) {
  const scenarios::Scenario scenario = scenarios::load_scenario(file, scenarios::standard_protocols());
  for (const auto& [queue, name] :
       {std::pair(sim::EventQueueKind::wheel, "wheel"), std::pair(sim::EventQueueKind::heap, "heap")}) {
    scenarios::RunOptions options;
    options.queue = queue;
    std::cout << std::filesystem::path(file).stem().string() << " on the " << name << ' '
              << scenarios::run_scenario(scenario, options).digest << '\n';
  }
  scenarios::RunOptions options;
  options.threads = 3;
  std::cout << std::filesystem::path(file).stem().string() << " on three threads "
            << scenarios::run_scenario(scenario, options).digest << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  try {
    for (int i = 1; i < argc; ++i) print_digests(argv[i]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
