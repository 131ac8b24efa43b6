#pragma once
// The commands of the program. Each takes the words after its name and returns an exit code; each throws UsageError,
// ScenarioError, FileError or std::runtime_error for what it cannot do.

#include <string>
#include <vector>

#include "app/options.h"
#include "scenarios/protocol.h"
#include "scenarios/scenario.h"

namespace peerbed::app {

using Words = std::vector<std::string>;

int run_command(const Words& words, const scenarios::Registry& registry);
int replay_command(const Words& words, const scenarios::Registry& registry);
int validate_command(const Words& words, const scenarios::Registry& registry);
int list_command(const Words& words, const scenarios::Registry& registry);

// A scenario by its path, or by the name of one in the box.
std::string find_scenario(const std::string& name);
// The folder of the scenarios in the box; empty when there is none.
std::string scenario_folder();

}  // namespace peerbed::app
