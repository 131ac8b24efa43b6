#pragma once
// What any ring records over time: snapshots of who points to whom, and how many pointers are stale.

#include <memory>
#include <vector>

#include "scenarios/protocol/protocol_recorder.h"
#include "scenarios/ring/ring_layout.h"
#include "scenarios/ring/ring_members.h"

namespace peerbed::scenarios {

class RingPictures {
 public:
  RingPictures(std::shared_ptr<const RingLayout> layout, unsigned key_bits)
      : layout_(std::move(layout)), key_bits_(key_bits) {}

  // Keeps a snapshot, unless there is one of this instant, or a member is not seen.
  void take(const RingMembers& members, Duration now);
  // How many members there are, and the shares of their pointers that are wrong.
  void measure(const RingMembers& members, IntervalValues& values) const;
  // The first members of an object: bits, ids, id_text and frames.
  void write(analysis::JsonText& out) const;
  // Its member hops_theory, where it can be told.
  void write_hops_in_theory(analysis::JsonText& out) const;
  // Of a key on the ring, from 0 to 1.
  double place_of(ring::Key key) const;

 private:
  // A member in a snapshot; its peers are nodes that are shown too.
  struct Portrait {
    NodeIndex node = 0;
    std::vector<NodeIndex> successors;
    std::vector<NodeIndex> fingers;
    NodeIndex predecessor = no_node;
    std::size_t values = 0;
  };
  struct Frame {
    Duration at{};
    std::vector<Portrait> members;
  };

  NodeIndex node_at(Address address) const noexcept;
  Portrait portrait_of(const RingMember& member) const;
  bool is_passed_over(const RingMembers& members, ring::Key self, std::size_t index) const;
  void write_places(analysis::JsonText& out) const;
  void write_frames(analysis::JsonText& out) const;

  std::shared_ptr<const RingLayout> layout_;
  unsigned key_bits_;
  std::vector<Frame> frames_;
};

}  // namespace peerbed::scenarios
