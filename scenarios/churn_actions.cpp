#include "scenarios/churn_actions.h"

namespace peerbed::scenarios {

void append_churn(const Churn&, std::uint64_t, std::size_t, Duration, std::vector<Action>&) {}

}  // namespace peerbed::scenarios
