#pragma once
// The built-in scenarios, by name.

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/document.h"

namespace peerbed::app {

struct BoxedScenario {
  std::string name;
  std::string title;  // its first comment line: what it shows
  std::string_view text;
};

// Sorted by name.
std::vector<BoxedScenario> boxed_scenarios();

// The text of a built-in scenario. Throws ScenarioError, with the nearest name, if there is none.
std::string_view boxed_scenario(const std::string& name);

// Reads a scenario by its path, or by the name of a built-in one. Throws ScenarioError if neither exists, or if it
// cannot be read.
scenarios::Document read_scenario(const std::string& name);

}  // namespace peerbed::app
