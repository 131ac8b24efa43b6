#pragma once
// How a world is divided among threads, and why it may not be.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/engine/commons.h"
#include "sim/engine/lane.h"

namespace peerbed::sim {

class LanePlan {
 public:
  // Looks at the world as it is now. Takes time only if hosts or network have changed since.
  void update(const Commons& commons);
  // Why there is one lane, as a clause; empty if there may be several.
  const std::string& obstacle() const noexcept { return obstacle_; }
  // Of each host, if there are several.
  const std::vector<LaneIndex>& lane_of() const noexcept { return lane_of_; }
  Duration lookahead() const noexcept { return lookahead_; }

 private:
  void deal(const Commons& commons);

  std::vector<LaneIndex> lane_of_;
  Duration lookahead_{};
  std::string obstacle_;
  std::uint64_t changes_ = UINT64_MAX;  // of the network, when it was looked at last
};

// Makes `count` lanes of those of a world, while no event is handled: moves what is pending to the lanes of its hosts,
// as Commons::lane_of now has it, where it had `before`, and the counters to the first lane. Several lanes have no
// gateways.
void deal(const Commons& commons, std::vector<Lane>& lanes, std::size_t count, std::span<const LaneIndex> before);

}  // namespace peerbed::sim
