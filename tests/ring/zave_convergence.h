#pragma once
// How long maintenance takes to make a state ideal when nothing disturbs it any more.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "tests/ring/zave_corrected.h"
#include "tests/ring/zave_search.h"

namespace peerbed::ring::zave {

// The longest runs of maintenance that changes the state at each step.
class LongestRuns {
 public:
  explicit LongestRuns(const Corrected& model) : model_(model), maintenance_(maintenance_among(model.events())) {}

  // The events in the longest run from this state; nothing when one goes on for ever.
  std::optional<int> from(const Corrected::State& state) {
    const std::size_t number = known_.insert(state);
    if (number < lengths_.size()) return lengths_[number];
    lengths_.push_back(std::nullopt);  // whoever comes back here meanwhile has gone in a circle
    int longest = 0;
    for (const Event event : maintenance_) {
      const auto after = model_.after(state, event);
      if (!after || *after == state) continue;
      const std::optional<int> rest = from(*after);
      if (!rest) return std::nullopt;
      longest = std::max(longest, 1 + *rest);
    }
    return lengths_[number] = longest;
  }

 private:
  const Corrected& model_;
  std::vector<Event> maintenance_;
  StateSet<Corrected::State> known_;
  std::vector<std::optional<int>> lengths_;
};

// How often all nodes must do their maintenance, in the order of their numbers, until the state is ideal; nothing when
// `most` rounds are not enough.
inline std::optional<int> rounds_to_ideal(const Corrected& model, Corrected::State state, int most) {
  for (int rounds = 0; rounds <= most; ++rounds) {
    if (model.is_ideal(state)) return rounds;
    for (const Event event : maintenance_among(model.events()))
      if (const auto after = model.after(state, event)) state = *after;
  }
  return std::nullopt;
}

}  // namespace peerbed::ring::zave
