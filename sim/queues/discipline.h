#pragma once
// How a link's queue decides what to drop and what to send next: drop-tail, RED (Floyd and Jacobson 1993), CoDel (RFC
// 8289) or FQ-CoDel (RFC 8290).

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocols/environment/time.h"

namespace peerbed::sim {

enum class Discipline : std::uint8_t { drop_tail, red, codel, fq_codel };

// drop_tail, red, codel or fq_codel, also with - in place of _, or without.
std::optional<Discipline> parse_discipline(std::string_view text) noexcept;

struct QueueDiscipline {
  Discipline kind = Discipline::drop_tail;
  bool ecn = false;  // packets that can be marked are marked instead of dropped, except by a full queue

  // CoDel and FQ-CoDel.
  Duration target = std::chrono::milliseconds(5);
  Duration interval = std::chrono::milliseconds(100);
  // FQ-CoDel.
  std::uint32_t flows = 1024;    // queues, to which flows are hashed
  std::uint32_t quantum = 1514;  // bytes that a flow may send in its turn
  // RED. Thresholds of the mean queue in bytes; zero: a twelfth and a quarter of the queue.
  std::uint64_t minimum = 0;
  std::uint64_t maximum = 0;
  double probability = 0.02;  // of a drop as the mean queue approaches the maximum
  double weight = 0.002;      // of the present queue in the mean

  friend bool operator==(const QueueDiscipline&, const QueueDiscipline&) = default;
};

}  // namespace peerbed::sim
