#pragma once
// Divides the units of a sweep among the parts that --shard names. The division depends only on the plan, so machines
// that know nothing of each other agree on it, and seeds that are added at the end change nothing for those before.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/sweep/sweep_plan.h"

namespace peerbed::app {

struct Share {
  std::size_t index = 0;  // from 0
  std::size_t count = 1;
};

// "1/3"; nothing if it is no part of so many.
std::optional<Share> parse_share(const std::string& text);

// The units of one part: each seed at all points before the next seed. Each seed's points are dealt out from the most
// to the least costly by the plan's estimates, always to the part that has least to do.
std::vector<std::size_t> units_of(const scenarios::SweepPlan& plan, Share share);

}  // namespace peerbed::app
