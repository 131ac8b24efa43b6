#pragma once
// The exhaustive check of downloads: peers that offer files and fetch them from one another, in any order of what comes
// on their streams, of their messages, timers and deaths.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "protocols/swarm/base/options.h"
#include "scenarios/check/check_plan.h"
#include "scenarios/check/node_check.h"
#include "scenarios/swarm/swarm_checks.h"

namespace peerbed::scenarios {

// Nodes of a swarm that are alike.
struct SwarmGroup {
  std::size_t count = 0;
  Address address{};  // of the first
  bool is_tracker = false;
  bool is_established = true;  // they run from the start
  swarm::SharedOptions options;
  std::vector<FileOnDisk> files;
};

// Throws CheckError if the plan asks for what peers do not have.
std::unique_ptr<NodeCheck> swarm_check(std::span<const SwarmGroup> groups, const CheckPlan& plan);

}  // namespace peerbed::scenarios
