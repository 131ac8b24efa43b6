#pragma once
// What is under way in a simulated world, in words for people: of which kind most of it is, and who sent most of that.

#include <optional>
#include <string>

#include "scenarios/plan/scenario.h"
#include "sim/engine/world.h"

namespace peerbed::scenarios {

struct Backlog {
  std::string words;                // "2,097,152 events are under way, 98% of them `find`, most of these from a.3"
  std::optional<NodeIndex> sender;  // of most of that kind
};

Backlog backlog_of(const Scenario& scenario, const sim::World& world);

}  // namespace peerbed::scenarios
