#pragma once
// Ways to make a failing case smaller: a simpler network, defaults in place of settings.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

bool calm_network(Workbench& bench);         // constant latency
bool change_network_once(Workbench& bench);  // from the beginning on, not by deeds
bool drop_settings(Workbench& bench);        // defaults instead of what is set
bool settle_sooner(Workbench& bench);        // properties that need time are checked earlier
bool lower_numbers(Workbench& bench);        // 1, 2 or 3 for an option
bool lower_sizes(Workbench& bench);          // fewer bytes for an option, such as those of a file
bool lower_keys(Workbench& bench);           // small numbers in lists of keys

}  // namespace peerbed::scenarios
