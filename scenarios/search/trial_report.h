#pragma once
// What a search keeps of one trial, and its form between processes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/search/coverage.h"

namespace peerbed::scenarios {

struct TrialReport {
  std::uint64_t number = 0;  // of the trial in the search, from 0
  std::uint64_t events = 0;
  std::uint64_t digest = 0;
  std::vector<Bucket> reached;
  std::vector<Moment> moments;              // only if it reached something new
  std::optional<TrialViolation> violation;  // the first one; or why the run could not go on, without a property

  std::string bytes() const;
  // Takes one report from the front; nothing if the bytes end early.
  static std::optional<TrialReport> take(std::string_view& bytes);
};

}  // namespace peerbed::scenarios
