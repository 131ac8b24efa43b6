#include "sim/engine/local_clocks.h"

#include "protocols/environment/contract.h"

namespace peerbed::sim {

namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t billion = 1'000'000'000;

}  // namespace

void LocalClocks::set(NodeIndex node, Time now, Duration offset, std::int64_t drift_ppb) {
  PEERBED_CONTRACT(drift_ppb > -billion, "a clock does not run backwards");
  clocks_[node] = {.since = now, .shown = now + offset, .drift_ppb = drift_ppb};
}

const LocalClocks::Clock& LocalClocks::clock_of(NodeIndex node) const {
  const auto found = clocks_.find(node);
  PEERBED_CONTRACT(found != clocks_.end(), "a clock that is asked for was set");
  return found->second;
}

Time LocalClocks::shown(NodeIndex node, Time now) const {
  const Clock& clock = clock_of(node);
  const Duration elapsed = now - clock.since;
  const auto gained = static_cast<Wide>(elapsed.count()) * clock.drift_ppb / billion;
  return clock.shown + elapsed + Duration(static_cast<std::int64_t>(gained));
}

Duration LocalClocks::true_delay(NodeIndex node, Duration local_delay) const {
  const Wide rate = Wide{billion} + clock_of(node).drift_ppb;
  return Duration(static_cast<std::int64_t>((static_cast<Wide>(local_delay.count()) * billion + rate - 1) / rate));
}

}  // namespace peerbed::sim
