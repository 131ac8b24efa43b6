#pragma once
// Moves the streams of all lanes to other lanes, when a world is divided anew: the ends, what is under way between
// them, and what these call each other.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/network/partition.h"
#include "sim/streams/streams.h"

namespace peerbed::sim {

class StreamMoves {
 public:
  // Moves the ends of `from` to the empty `to`. The lanes of the hosts were and are these; empty if there is one.
  StreamMoves(std::vector<Streams*> from, std::span<const LaneIndex> lanes_before, std::vector<Streams*> to,
              std::span<const LaneIndex> lanes_now);

  // Moves what an event of a lane stands for, which is a segment or an end. Returns what it stands for then.
  std::uint32_t move(const Event& event, std::size_t from);

 private:
  static std::size_t lane_of(std::span<const LaneIndex> lanes, NodeIndex host) {
    return lanes.empty() ? 0 : lanes[host];
  }
  // Where the host's end is now that had this slot before; a slot that is never used if there is none.
  EndIndex slot(NodeIndex host, EndIndex before) const;
  EndRef ref(NodeIndex host, EndRef before) const {
    return before.is_known() ? EndRef{slot(host, before.slot), before.serial} : before;
  }

  std::vector<Streams*> from_;
  std::span<const LaneIndex> lanes_before_;
  std::vector<Streams*> to_;
  std::span<const LaneIndex> lanes_now_;
  std::vector<std::vector<EndIndex>> slots_;  // of each lane before: where its slots are now
};

}  // namespace peerbed::sim
