#pragma once
// What SWIM records over time: how much of the members' lists is wrong, and snapshots of who is wrong about whom.

#include <memory>
#include <vector>

#include "scenarios/protocol/protocol_recorder.h"
#include "scenarios/swim/swim_members.h"

namespace peerbed::scenarios {

class SwimRecorder final : public ProtocolRecorder {
 public:
  explicit SwimRecorder(std::shared_ptr<const RingLayout> places) : places_(std::move(places)) {}

  std::string_view name() const override { return "swim"; }
  void measure(const StateView& states, Duration elapsed, IntervalValues& values) override;
  void take_snapshot(const StateView& states, Duration now) override;
  void write(analysis::JsonText& out) const override;

 private:
  static constexpr std::size_t most_errors = 20'000;  // told of one instant

  enum class Kind : std::uint8_t { unknown, suspected, buried, dead_listed };
  // A member is wrong about a node.
  struct Error {
    NodeIndex member = 0;
    NodeIndex about = 0;
    Kind kind{};
  };
  struct Frame {
    Duration at{};
    std::vector<NodeIndex> members;
    std::vector<Error> errors;
    std::size_t error_count = 0;
  };

  std::shared_ptr<const RingLayout> places_;
  std::vector<Frame> frames_;
};

}  // namespace peerbed::scenarios
