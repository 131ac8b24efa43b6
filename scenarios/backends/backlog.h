#pragma once
// Describes the events pending in a simulated world: which kind is most common, and which node sent most of those.

#include <optional>
#include <string>

#include "scenarios/plan/scenario.h"

namespace peerbed::sim {
class World;
}

namespace peerbed::scenarios {

struct Backlog {
  std::string words;                // "2,097,152 events are under way, 98% of them `find`, most of these from a.3"
  std::optional<NodeIndex> sender;  // of most of that kind
};

Backlog backlog_of(const Scenario& scenario, const sim::World& world);

}  // namespace peerbed::scenarios
