#pragma once
// Thrown when a node's handler threw an exception, which no handler may do. It names the step and repeats the message.
// The caller ends the run; it may still inspect the world, but the world cannot continue.

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "host/step.h"

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

// Called while the exception of a handler is being handled: throws a NodeFailure for it. Lets std::bad_alloc and
// OutOfRoom pass, which are no fault of the node's.
[[noreturn]] void throw_node_failure(const Step& step);

}  // namespace peerbed::sim
