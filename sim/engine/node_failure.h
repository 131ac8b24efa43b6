#pragma once
// Thrown when a node's handler threw an exception, which no handler may do. It names the step and repeats the message.
// The caller ends the run; it may still inspect the world, but the world cannot continue.

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
