#pragma once
// Thrown when a world has more pending events, datagrams or streams than it can number. The caller ends the run; it may
// still inspect, measure and copy the world, but the world cannot continue.

#include <stdexcept>

namespace peerbed::sim {

class OutOfRoom : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace peerbed::sim
