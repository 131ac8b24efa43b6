#pragma once
// Thrown when a node's handler threw an exception, which none may: at which step, and what it said. Who runs the world
// ends the run, and may still look at it; it cannot go on.

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "sim/engine/world.h"

namespace peerbed::sim {

class NodeFailure : public std::exception {
 public:
  NodeFailure(const Step& step, std::string_view why)
      : step_(step), bytes_(step.bytes.begin(), step.bytes.end()), why_(why) {
    step_.stream = nullptr;
    step_.content = nullptr;
  }

  Step step() const noexcept {
    Step step = step_;
    step.bytes = bytes_;
    return step;
  }
  const char* what() const noexcept override { return why_.c_str(); }

 private:
  Step step_;
  std::vector<std::byte> bytes_;
  std::string why_;
};

}  // namespace peerbed::sim
