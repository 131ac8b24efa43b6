#pragma once
// The part of a simulated host that every event touches.

#include <cstdint>

#include "sim/core/history.h"

namespace peerbed::sim {

enum class HostStatus : std::uint8_t { down, running, paused };

struct Host {
  History history;             // of what happened here
  std::uint32_t sequence = 0;  // of the events it caused
  std::uint16_t population = 0;
  HostStatus status = HostStatus::down;
  bool begun : 1 = false;            // its first process, made with the population, has started
  bool has_clock : 1 = false;        // its clock is wrong
  bool lies : 1 = false;             // its datagrams and content are damaged with some probability
  bool accepts_streams : 1 = false;  // its nodes take stream events
  bool slow_disk : 1 = false;        // reads and writes take time
};
static_assert(sizeof(Host) == 16);

}  // namespace peerbed::sim
