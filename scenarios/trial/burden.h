#pragma once
// What is done to the nodes of a run, against what their protocols are promised to bear (docs/checking.md, "Promises").

#include <span>
#include <string>
#include <vector>

#include "scenarios/plan/scenario.h"
#include "scenarios/protocol/tolerance.h"

namespace peerbed::scenarios {

// What all protocols of the scenario bear while their nodes are given these commands and those of the workload.
Tolerance tolerance_of(const Scenario& scenario, std::vector<std::string> commands);

// How a run goes beyond what its protocols bear.
struct Burden {
  bool too_many_deaths = false;  // too soon after one another
  bool too_few_survivors = false;
  bool too_many_stops = false;  // the same two of nodes that stop, where those that are cut off count as dead, too
  bool too_few_running = false;
  bool nothing_is_borne = false;   // not a single death
  bool changes_too_close = false;  // a node comes back too soon, or others start and stop while it is away
  bool calm_is_too_short = false;  // properties are checked before the nodes must have recovered

  // Whether every promise that the run breaks is also broken by the other.
  bool is_within(const Burden& other) const noexcept {
    return too_many_deaths <= other.too_many_deaths && too_few_survivors <= other.too_few_survivors &&
           nothing_is_borne <= other.nothing_is_borne && too_many_stops <= other.too_many_stops &&
           too_few_running <= other.too_few_running && changes_too_close <= other.changes_too_close &&
           calm_is_too_short <= other.calm_is_too_short;
  }
};

// How long a run with these actions has to be calm until its properties can be checked: as long as the protocols need
// to recover, or `usual_settle` if they do not say or need longer.
Duration calm_needed(const Scenario& scenario, std::span<const ScheduledAction> actions, Duration usual_settle);

// `actions` are those beside the starts of groups, in order of time. The calm is too short if it is shorter than
// `calm_needed`.
Burden burden_of(const Scenario& scenario, std::span<const ScheduledAction> actions, Duration usual_settle);

}  // namespace peerbed::scenarios
