#pragma once
// One pending event: 24 bytes, totally ordered by (time, destination, source, per-source sequence).

#include <cstdint>

#include "sim/core/types.h"

namespace peerbed::sim {

enum class EventKind : std::uint8_t {
  datagram,          // value = payload: reaches the node
  arrival,           // value = payload: reaches the down-link of the node's host
  datagram_at_link,  // value = datagram on its way: reaches a link of the backbone, or a managed one
  timer,             // value = timer
  link_turn,         // value = managed link: its wire is free
  content,           // value = content operation: it completes now
  segment_at_link,   // value = segment: its first packet reaches such a link
  segment_arrival,   // value = segment: its first packet reaches the down-link of the host
  segment,           // value = segment: reaches the host
  stream_alarm,      // value = stream end: its host set an alarm
  stream_ready,      // value = stream end: its node has something to be told
};

struct Event {
  std::int64_t time = 0;  // nanoseconds
  NodeIndex destination = 0;
  NodeIndex source = 0;
  std::uint32_t sequence = 0;
  std::uint32_t what = 0;  // kind in the top 4 bits, value below

  static constexpr std::uint32_t value_bits = 28;
  static constexpr std::uint32_t pack(EventKind kind, std::uint32_t value) noexcept {
    return (static_cast<std::uint32_t>(kind) << value_bits) | value;
  }
  constexpr EventKind kind() const noexcept { return static_cast<EventKind>(what >> value_bits); }
  constexpr std::uint32_t value() const noexcept { return what & ((1U << value_bits) - 1); }
};

constexpr bool precedes(const Event& a, const Event& b) noexcept {
  if (a.time != b.time) return a.time < b.time;
  const auto ends = [](const Event& event) {
    return (static_cast<std::uint64_t>(event.destination) << 32) | event.source;
  };
  if (ends(a) != ends(b)) return ends(a) < ends(b);
  return a.sequence < b.sequence;
}

}  // namespace peerbed::sim
