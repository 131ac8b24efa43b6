#include "sim/engine/prefetcher.h"

#include <span>

namespace peerbed::sim {

namespace {

// Concerns the stream of a node, as opposed to its host's down-link.
bool concerns_stream(const Event& event) noexcept { return event.kind() >= EventKind::segment; }

}  // namespace

// In the order in which one thing leads to the other.
void Prefetcher::prefetch_upcoming() const noexcept {
  const std::span<const Event> upcoming = queue_.upcoming();
  const auto event_after = [upcoming](std::size_t others) {
    return others < upcoming.size() ? &upcoming[others] : nullptr;
  };
  if (queue_.came_late()) {  // true of most datagrams: their nodes were prefetched when they were sent
    if (const Event* event = event_after(3); event != nullptr && event->kind() <= EventKind::content)
      hosts_.population(event->destination).prefetch_further(event->destination);
    return;
  }
  if (const Event* event = event_after(20)) hosts_.prefetch(event->destination);
  if (const Event* event = event_after(15)) {
    if (event->kind() <= EventKind::content) {
      hosts_.population(event->destination).prefetch(event->destination);
      if (event->kind() <= EventKind::arrival) datagrams_.prefetch(*event);
    } else {
      streams_.prefetch(*event);
      if (event->kind() == EventKind::segment_arrival) network_.prefetch_downlink(event->destination);
    }
  }
  if (const Event* event = event_after(10)) {
    if (event->kind() <= EventKind::content) {
      hosts_.population(event->destination).prefetch_further(event->destination);
    } else if (concerns_stream(*event)) {
      streams_.prefetch_end(*event);
      hosts_.population(event->destination).prefetch(event->destination);
    }
  }
  if (const Event* event = event_after(6); event != nullptr && concerns_stream(*event)) {
    streams_.prefetch_further(*event);
    hosts_.population(event->destination).prefetch_further(event->destination);
  }
  if (const Event* event = event_after(3); event != nullptr && concerns_stream(*event))
    hosts_.population(event->destination).prefetch_stream(event->destination, streams_.id_of(*event));
}

}  // namespace peerbed::sim
