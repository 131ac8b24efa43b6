#pragma once
// What a run reached, as numbers of buckets: for each event the abstract state of its node before and after
// (ProtocolRun::abstract_state, and what it traced last), and what the event was. Runs that reach the same
// buckets did alike.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "scenarios/search/generator.h"
#include "scenarios/trial/trial.h"

namespace peerbed::scenarios {

constexpr std::size_t coverage_buckets = 65'536;
using Bucket = std::uint16_t;

class Coverage final : public TrialWitness {
 public:
  void begin(const StateView& states, std::span<ProtocolRun* const> runs) override;
  void on_step(const Step& step) override;
  void on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues& values) override;
  void settle() override;

  // In order of first appearance.
  const std::vector<Bucket>& reached() const noexcept { return reached_; }
  // When nodes traced something, at most maximum_moments, evenly spread over the events.
  std::vector<Moment> moments() const;

  static constexpr std::size_t maximum_moments = 64;

 private:
  struct Stage {
    std::uint64_t state = 0;
    std::uint16_t traced = UINT16_MAX;
  };

  void reach(std::uint64_t feature);

  const StateView* states_ = nullptr;
  std::span<ProtocolRun* const> runs_;  // by node
  std::vector<Stage> stages_;           // by node
  std::array<std::uint64_t, coverage_buckets / 64> seen_{};
  std::vector<Bucket> reached_;
  std::vector<Moment> moments_;
  // Of the step that is under way.
  NodeIndex node_ = no_node;
  std::uint64_t what_ = 0;
};

}  // namespace peerbed::scenarios
