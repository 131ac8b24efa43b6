#pragma once
// The states of a check as a part of a report's document (docs/file-formats.md).

#include <string>
#include <vector>

#include "scenarios/check/node_check.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::app {

// What the page says of a check besides its states.
struct CheckInWords {
  std::string verdict{};
  std::string subject{};  // what was checked, and how much was seen
  std::string reason{};   // why not everything was seen, or what a refutation found; empty if there is nothing to say
  std::vector<std::string> assumptions{};
  std::string command{};
  std::string counterexample{};  // a scenario; empty if there is none
};

// The document of a page that shows the states of the outcome.
std::string state_space_document(const scenarios::CheckOutcome& outcome, const scenarios::Scenario& scenario,
                                 const CheckInWords& words);

}  // namespace peerbed::app
