#include "sim/engine/event_state.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace peerbed::sim {

void EventState::append(const Event& event, TraceDigest& digest) const {
  digest.words(std::array{static_cast<std::uint64_t>(event.time),
                          (static_cast<std::uint64_t>(event.destination) << 32) | event.source,
                          std::uint64_t{event.sequence}});
  if (event.kind() == EventKind::datagram_at_link)
    digest.words(std::array{static_cast<std::uint64_t>(datagrams_.link(event))});
  if (event.kind() <= EventKind::datagram_at_link) digest.bytes(datagrams_.view(event));
  if (event.kind() == EventKind::content) operations_.append_state(event.value(), digest);
  std::vector<std::byte> segment;
  if (event.kind() >= EventKind::segment_at_link && event.kind() <= EventKind::segment)
    streams_.append_segment_state(event, segment);
  digest.bytes(segment);
}

}  // namespace peerbed::sim
