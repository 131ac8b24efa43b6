#pragma once
// The coursework's peer as a system to explore: some peers stand in an ideal ring; each may die, and join again through
// any peer.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "check/canonical/node_form.h"
#include "check/nodes/node_system.h"
#include "protocols/coursework/node.h"

namespace peerbed::check {

struct ShippedCoursework {
  std::size_t peers = 4;
  std::size_t established = 4;
  std::uint8_t deaths = 1;
  std::uint8_t starts = 0;
};

using CourseworkSystem = NodeSystem<coursework::Node, NodeForm<coursework::Node>>;

std::unique_ptr<CourseworkSystem> coursework_system(const ShippedCoursework& coursework);

}  // namespace peerbed::check
