#pragma once
// What Kademlia records over time: how many contacts are dead, and snapshots of how well each node's buckets are
// filled.

#include <memory>
#include <vector>

#include "scenarios/kademlia/kademlia_layout.h"
#include "scenarios/kademlia/kademlia_members.h"
#include "scenarios/protocol/protocol_recorder.h"

namespace peerbed::scenarios {

class KademliaRecorder final : public ProtocolRecorder {
 public:
  explicit KademliaRecorder(std::shared_ptr<const KademliaLayout> layout) : layout_(std::move(layout)) {}

  std::string_view name() const override { return "kademlia"; }
  void measure(const StateView& states, Duration elapsed, IntervalValues& values) override;
  void take_snapshot(const StateView& states, Duration now) override;
  void write(analysis::JsonText& out) const override;

 private:
  // A bucket's contacts, and how many it could hold: as many as there are members in its range, or as fit.
  struct Filling {
    std::size_t live = 0;
    std::size_t dead = 0;
    std::size_t room = 0;
  };
  struct Portrait {
    NodeIndex node = 0;
    std::vector<Filling> buckets;  // up to the last with a contact or a member in its range
  };
  struct Frame {
    Duration at{};
    std::vector<Portrait> members;
  };

  void write_places(analysis::JsonText& out) const;
  void write_frames(analysis::JsonText& out) const;

  std::shared_ptr<const KademliaLayout> layout_;
  std::vector<Frame> frames_;
};

}  // namespace peerbed::scenarios
