#pragma once
// Thrown when more is under way in a world than it can number. Who runs the world ends the run, and may still look at
// it, measure it and copy it; it cannot go on.

#include <stdexcept>

namespace peerbed::sim {

class OutOfRoom : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace peerbed::sim
