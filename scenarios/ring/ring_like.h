#pragma once
// What protocols whose nodes form a ring have in common as scenario protocols: whom nodes know at their start, what a
// scenario may demand of them, and how they are checked exhaustively.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "scenarios/check/names.h"
#include "scenarios/protocol/protocol.h"
#include "scenarios/ring/ring_check.h"
#include "scenarios/ring/ring_demands.h"

namespace peerbed::scenarios {

// `exhaustive_check` is a function such as ring_check.
template <auto exhaustive_check>
class RingLike : public Protocol {
 public:
  bool knows_bootstrap() const override { return true; }
  bool runs_until_told() const override { return true; }
  std::vector<std::string> demands() const override { return names_of(ring_demands); }
  std::unique_ptr<NodeCheck> check(std::span<const GroupPlan> groups, std::uint64_t seed,
                                   const CheckPlan& plan) const override {
    return exhaustive_check(groups, seed, plan);
  }
  bool starts_through(std::span<const GroupPlan> groups, std::uint64_t seed,
                      std::span<const CheckStep> steps) const override {
    return joins_through(groups, seed, steps);
  }
};

}  // namespace peerbed::scenarios
