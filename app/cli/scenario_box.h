#pragma once
// The built-in scenarios, by name.

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/document.h"

namespace peerbed::app {

struct BoxedScenario {
  std::string name;
  std::string title;  // its first line of comment: what it shows
  std::string_view text;
};

// By name.
std::vector<BoxedScenario> boxed_scenarios();

// The text of the one of that name. Throws ScenarioError, with the nearest name, when there is none.
std::string_view boxed_scenario(const std::string& name);

// A scenario by its path, or by the name of one in the box. Throws ScenarioError when there is neither, or when it
// cannot be read.
scenarios::Document read_scenario(const std::string& name);

}  // namespace peerbed::app
