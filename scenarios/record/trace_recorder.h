#pragma once
// Writes an event trace of a run: all of it, or what happens at some nodes within a window of time.

#include <functional>
#include <vector>

#include "analysis/trace/event_trace.h"
#include "scenarios/plan/scenario.h"
#include "sim/engine/world.h"

namespace peerbed::scenarios {

// Which part of a run is recorded.
struct TraceSelection {
  analysis::TraceContents contents;
  std::vector<std::string> nodes;  // patterns of names; none: all nodes. Steps at them, and from them
  Duration from{};
  Duration until = maximum_run_length;
};

// Who takes part in a run of the scenario: what its trace begins with.
analysis::TraceHeader trace_header(const Scenario& scenario, const analysis::TraceContents& contents, bool simulated);

class TraceRecorder final : public Observer {
 public:
  using Sink = std::function<void(const analysis::TraceRecord&)>;

  // Whatever is recorded goes to `sink`. Throws std::invalid_argument for a pattern that names no node.
  TraceRecorder(const analysis::TraceHeader& header, const TraceSelection& selection, Sink sink);

  void on_step(const Step& step) override;
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override;
  void on_line(Time time, NodeIndex node, std::string_view line) override;
  void on_exit(Time time, NodeIndex node) override;
  void on_stream_effect(Time time, NodeIndex node, EffectKind kind, StreamId stream, std::uint64_t bytes) override;
  void on_timer_put_off(Time time, NodeIndex node, TimerId timer) override;

 private:
  bool is_chosen(NodeIndex node) const noexcept { return chosen_.empty() || chosen_[node]; }
  bool is_in_window(Time time) const noexcept { return time >= from_ && time < until_; }
  bool records(const Step& step) const noexcept;
  void leave_out(const Step& step);
  analysis::TraceRecord belonging(analysis::RecordKind kind, Time time, NodeIndex node) const noexcept;

  Sink sink_;
  analysis::TraceContents contents_;
  std::vector<bool> chosen_;  // by node; empty: all
  Time from_;
  Time until_;
  bool is_partial_;
  std::vector<bool> recorded_;    // whether the last step of a node was, where not all are
  bool records_present_ = false;  // the step in progress
  std::uint64_t event_ = 0;
};

}  // namespace peerbed::scenarios
