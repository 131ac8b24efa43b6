#pragma once
// What tells one failure from another, whatever its seed and times: the property that was violated, what was wrong with
// whom, and the part of the run that led to it. Two runs with the same text most likely fail for the same reason.

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/plan/scenario.h"
#include "scenarios/record/run_result.h"
#include "scenarios/trial/causes.h"

namespace peerbed::scenarios {

constexpr std::string_view run_can_go_on = "the run can go on";

struct Failure {
  enum class Kind : std::uint8_t {
    property,     // a property did not hold
    expectation,  // the run did not meet an expectation
    ended         // the run had to be ended
  };
  Kind kind = Kind::property;
  std::string property;  // its name, or the expectation as written, or `run_can_go_on`
  std::string what;      // what was found
  Duration at{};
};

// Everything that a run is to blame for, in order of time. A failed expectation that there be no violations is not
// listed beside the violations.
std::vector<Failure> failures_of(const RunResult& result);

// Something that was done to the nodes, or a message on the way to the failure.
struct SliceStep {
  std::string word;  // "crash", or the first word of a command, or the name of a message
  bool is_deed = false;
  NodeIndex from = no_node;  // of a message
  NodeIndex node = no_node;
  Duration at{};
  std::string line{};  // of a command
};

struct Signature {
  std::string property;
  std::string predicate;         // `Failure::what` without numbers and names
  std::vector<SliceStep> slice;  // what was done to the nodes before the failure, in order of time
  std::set<std::string> kinds;   // of all messages before the failure

  // One line in which nodes have letters, in the order in which they appear.
  std::string text() const;
};

// What was found, without the numbers and names that differ from run to run.
std::string predicate_of(const Failure& failure, const Scenario& scenario);

// `actions` are those of the run that `causes` watched; starts of groups need not be among them.
Signature signature_of(const Scenario& scenario, std::span<const ScheduledAction> actions, const Causes& causes,
                       const Failure& failure);

// The steps before a failure that it may depend on: of the nodes that it is about, and all that led to those.
std::vector<std::size_t> past_of(const Scenario& scenario, const Causes& causes, const Failure& failure);

// The nodes that a sentence names, in the order of their appearance.
Nodes nodes_named(std::string_view sentence, const Scenario& scenario);

}  // namespace peerbed::scenarios
