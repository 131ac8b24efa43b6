#pragma once
// Ways to make a failing case smaller: a simpler network, defaults in place of settings.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

bool calm_network(Workbench& bench);   // constant latency, no chance
bool list_messages(Workbench& bench);  // single messages instead of chance
bool drop_settings(Workbench& bench);  // defaults instead of what is set
bool shorten_lists(Workbench& bench);  // small numbers, such as keys

}  // namespace peerbed::scenarios
