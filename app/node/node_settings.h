#pragma once
// Protocol options of a node from its command line: --set NAME=VALUE, with the names that scenarios use.

#include <functional>

#include "app/cli/options.h"
#include "scenarios/text/field.h"

namespace peerbed::app {

Option settings_option();

// Calls `read` with what the command line sets, and refuses what it did not ask for: a ScenarioError.
void read_settings(const Arguments& arguments, const std::function<void(scenarios::MapReader&)>& read);

}  // namespace peerbed::app
