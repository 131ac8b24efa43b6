#pragma once
// Writes an event trace of a run: all of it, or what happens at some nodes within a window of time.

#include <functional>
#include <vector>

#include "analysis/trace/event_trace.h"
#include "host/observer.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// Which part of a run is recorded.
struct TraceSelection {
  analysis::TraceContents contents;
  std::vector<std::string> nodes;  // name patterns; none: all nodes. Selects steps at these nodes and from them
  Duration from{};
  Duration until = maximum_run_length;
};

// The header of a trace: who takes part in a run of the scenario.
analysis::TraceHeader trace_header(const Scenario& scenario, const analysis::TraceContents& contents, bool simulated);

class TraceRecorder final : public Observer {
 public:
  using Sink = std::function<void(const analysis::TraceRecord&)>;

  // Records go to `sink`. Throws std::invalid_argument for a pattern that matches no node.
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
  std::vector<bool> recorded_;    // whether a node's last step was recorded; unused if all are
  bool records_present_ = false;  // whether the step in progress is recorded
  std::uint64_t event_ = 0;
};

}  // namespace peerbed::scenarios
