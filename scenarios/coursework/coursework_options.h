#pragma once
// The `options:` of a coursework group in a scenario, read and checked.

#include <memory>
#include <optional>
#include <span>

#include "protocols/coursework/options.h"
#include "scenarios/protocol/protocol.h"
#include "scenarios/ring/ring_places.h"

namespace peerbed::scenarios {

struct CourseworkOptions final : RingPlaces {
  std::shared_ptr<const coursework::Options> options;
  std::optional<ring::Key> known;
};

inline const CourseworkOptions& coursework_options_of(const GroupPlan& group) {
  return static_cast<const CourseworkOptions&>(*group.options);
}

std::shared_ptr<const CourseworkOptions> read_coursework_group(MapReader& map, std::size_t count);
// Checks that they can form one ring, in which each peer has its own id.
void check_coursework_groups(std::span<const GroupInFile> groups);

}  // namespace peerbed::scenarios
