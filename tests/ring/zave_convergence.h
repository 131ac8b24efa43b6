#pragma once
// How long maintenance takes to make a state ideal when nothing disturbs it.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "tests/ring/zave_corrected.h"
#include "tests/ring/zave_search.h"

namespace peerbed::ring::zave {

// The longest runs of maintenance in which each step changes the state.
class LongestRuns {
 public:
  explicit LongestRuns(const Corrected& model) : model_(model), maintenance_(maintenance_among(model.events())) {}

  // The number of events in the longest run from this state; nothing if one never ends.
  std::optional<int> from(const Corrected::State& state) {
    const std::size_t number = known_.insert(state);
    if (number < lengths_.size()) return lengths_[number];
    lengths_.push_back(std::nullopt);  // reaching it again means a cycle
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

// How many rounds of maintenance by all nodes, in order of their numbers, make the state ideal; nothing if `most`
// rounds are not enough.
inline std::optional<int> rounds_to_ideal(const Corrected& model, Corrected::State state, int most) {
  for (int rounds = 0; rounds <= most; ++rounds) {
    if (model.is_ideal(state)) return rounds;
    for (const Event event : maintenance_among(model.events()))
      if (const auto after = model.after(state, event)) state = *after;
  }
  return std::nullopt;
}

}  // namespace peerbed::ring::zave
