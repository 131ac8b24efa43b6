#pragma once
// Who is told what the nodes of a host do; called in the loop's thread, while a node's effects are carried out. An
// observer asks nothing of the host then: what it wants done it posts.

#include <cstdint>
#include <string_view>

#include "protocols/environment/time.h"
#include "protocols/environment/trace.h"

namespace peerbed::adapter {

// A node of one host, numbered from 0 in the order of being added.
using NodeIndex = std::uint32_t;

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_trace(Time, NodeIndex, std::uint16_t /*type*/, const TraceValues&) {}
  virtual void on_line(Time, NodeIndex, std::string_view /*line*/) {}
  // A line that says why something is not done, and its code.
  virtual void on_refusal(Time time, NodeIndex node, std::string_view /*code*/, std::string_view sentence) {
    on_line(time, node, sentence);
  }
  virtual void on_exit(Time, NodeIndex) {}  // a node left of its own accord
  // Something that an operator should know: a limit was hit for the first time, a disk failed.
  virtual void on_warning(Time, NodeIndex, std::string_view /*sentence*/) {}
};

}  // namespace peerbed::adapter
