#pragma once
// What a Kademlia node's random draws are for, and its periods, which vary by chance.

#include <cstddef>
#include <cstdint>

#include "protocols/environment/environment.h"
#include "protocols/kademlia/base/options.h"

namespace peerbed::kademlia {

enum Purpose : std::size_t { draw_id, draw_jitter, draw_workload, draw_refresh, draw_secret, draw_operation };

// A period as options have it, this time: uniform within period_jitter_percent around it.
inline Duration jittered(Environment& environment, const Options& options, Duration period) {
  const std::int64_t spread = period.count() / 100 * options.period_jitter_percent;
  if (spread <= 0) return period;
  const auto drawn = environment.draw_below(draw_jitter, static_cast<std::uint64_t>(2 * spread + 1));
  return period + Duration(static_cast<std::int64_t>(drawn) - spread);
}

}  // namespace peerbed::kademlia
