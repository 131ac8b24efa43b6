#include "scenarios/record/run_result.h"

#include <algorithm>

namespace peerbed::scenarios {

bool RunResult::good() const noexcept {
  return !interrupted && outgrown.empty() &&
         std::all_of(expectations.begin(), expectations.end(), [](const ExpectationResult& each) { return each.held; });
}

}  // namespace peerbed::scenarios
