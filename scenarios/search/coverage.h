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
  void end() override { settle(); }

  // In order of first appearance.
  const std::vector<Bucket>& reached() const noexcept { return reached_; }
  // When nodes traced something and when what they then sent arrived, with as many of each kind as there is room for,
  // evenly spread; after those at which the run reached the buckets that `is_new` tells. At most maximum_moments.
  template <class IsNew>
  std::vector<Moment> moments(IsNew&& is_new) const {
    std::vector<Moment> some;
    for (std::size_t i = 0; i < reached_.size() && some.size() < maximum_moments / 2; ++i)
      if (is_new(reached_[i])) some.push_back(reached_at_[i]);
    add_spread(some);
    return some;
  }

  static constexpr std::size_t maximum_moments = 64;

 private:
  struct Stage {
    std::uint64_t state = 0;
    std::uint16_t traced = UINT16_MAX;
    // What it sent after it traced something has these numbers.
    std::uint32_t told_from = UINT32_MAX;
    std::uint32_t told_until = UINT32_MAX;
    std::uint16_t told_as = UINT16_MAX;  // what it traced last then
  };

  void settle();  // the step that was under way has had its effects
  void reach(std::uint64_t feature);
  void add_spread(std::vector<Moment>& some) const;

  const StateView* states_ = nullptr;
  std::span<ProtocolRun* const> runs_;  // by node
  std::vector<Stage> stages_;           // by node
  std::array<std::uint64_t, coverage_buckets / 64> seen_{};
  std::vector<Bucket> reached_;
  std::vector<Moment> reached_at_;  // when each was reached first
  std::vector<Moment> moments_;
  // Of the step that is under way.
  Moment step_{.node = no_node};
  std::uint32_t next_sequence_ = 0;  // of its node, before
  std::uint64_t what_ = 0;
  bool has_traced_ = false;
};

}  // namespace peerbed::scenarios
