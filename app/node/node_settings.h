#pragma once
// Protocol options of a node from its command line: --set NAME=VALUE, with the names that scenarios use.

#include <functional>

#include "app/cli/options.h"
#include "scenarios/text/field.h"

namespace peerbed::app {

Option settings_option();

// Calls `read` with the settings from the command line, and throws ScenarioError for settings that it did not read.
void read_settings(const Arguments& arguments, const std::function<void(scenarios::MapReader&)>& read);

}  // namespace peerbed::app
