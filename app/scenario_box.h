#pragma once
// The scenarios in the box: those that come with the program, known by their names.

#include <string>
#include <vector>

namespace peerbed::app {

struct BoxedScenario {
  std::string name;
  std::string title;  // its first line of comment: what it shows
};

// The folder of the scenarios in the box; empty when there is none.
std::string scenario_folder();

// The scenarios of a folder, by name.
std::vector<BoxedScenario> scenarios_in(const std::string& folder);

// A scenario by its path, or by the name of one in the box. Throws ScenarioError when there is neither.
std::string find_scenario(const std::string& name);

}  // namespace peerbed::app
