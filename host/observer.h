#pragma once
// Watches the nodes of a host without changing them. A simulated world calls it in its total order. A real host calls
// it in the loop's thread while a node's effects are carried out, so there an observer must not call the host: it posts
// what it wants done.

#include <cstdint>
#include <string_view>

#include "host/step.h"
#include "protocols/environment/environment.h"
#include "protocols/environment/trace.h"

namespace peerbed {

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_step(const Step&) {}
  virtual void on_trace(Time, NodeIndex, std::uint16_t /*event*/, const TraceValues&) {}
  virtual void on_line(Time, NodeIndex, std::string_view /*line*/) {}
  // A line that says why something was refused, with the refusal's code.
  virtual void on_refusal(Time time, NodeIndex node, std::string_view /*code*/, std::string_view sentence) {
    on_line(time, node, sentence);
  }
  virtual void on_exit(Time, NodeIndex) {}  // a node left by itself
  // Something that leads to a later step but has no sequence number of its own: stream data (or a stream's opening or
  // end), and a running timer that is postponed. Called only in simulated worlds.
  virtual void on_stream_effect(Time, NodeIndex, EffectKind, StreamId, std::uint64_t /*bytes*/) {}
  virtual void on_timer_put_off(Time, NodeIndex, TimerId) {}
  // Tells the operator that a limit was reached for the first time, or that a disk failed. Called only on real hosts.
  virtual void on_warning(Time, NodeIndex, std::string_view /*sentence*/) {}
};

}  // namespace peerbed
