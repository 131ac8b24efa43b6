#pragma once
// sweep.json: what is swept. It identifies the scenario and the version of the program that a folder belongs to, and
// names all runs, so that parts of a sweep can be gathered where the scenario is not.

#include <optional>
#include <string>

#include "scenarios/sweep/sweep_plan.h"

namespace peerbed::app {

std::string write_description(const scenarios::SweepPlan& plan);

// The plan without the scenario itself: its names, settings, points and seeds, and of its axes only their names.
// Nothing if the text is damaged.
std::optional<scenarios::SweepPlan> read_description(const std::string& text);

// Whether the text is that of a sweep at all, of any version.
bool describes_sweep(const std::string& text);

// Says how a folder's sweep differs from the wanted one: "contains a sweep of another scenario ...". Empty if
// it is the same but for its parameters and seeds.
std::string difference_of(const std::string& there, const std::string& wanted);

}  // namespace peerbed::app
