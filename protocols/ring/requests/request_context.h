#pragma once
// What the parts that put and get this node's own values share while the node handles one input.

#include <cstdint>

#include "protocols/ring/base/context.h"
#include "protocols/ring/base/retry_budget.h"

namespace peerbed::ring {

struct RequestContext : Context {
  RetryBudget& retry_budget;
  std::uint64_t clock = 0;        // that of stamps, on which hosts agree as far as their clocks are right; never 0
  std::uint32_t incarnation = 0;  // of this process
};

}  // namespace peerbed::ring
