#pragma once
// An option that is a period, or 0s for never.

#include <string_view>

#include "scenarios/text/field.h"

namespace peerbed::scenarios {

inline void read_period_or_never(MapReader& map, std::string_view key, Duration& period) {
  const auto field = map.find(key);
  if (!field) return;
  period = field->duration();
  if (period > Duration::zero()) period = field->period();
}

}  // namespace peerbed::scenarios
