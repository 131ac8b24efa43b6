#include "adapter/resources.h"

namespace peerbed::adapter {

void Resources::arm() {
  if (timers.empty() || timers.next().due >= alarm) return;
  alarm = timers.next().due;
  loop.set_alarm(epoch + std::chrono::nanoseconds(alarm));
}

}  // namespace peerbed::adapter
