#pragma once
// What a protocol records over time in addition to its nodes' traces: snapshots of its state, and overall measurements
// at an instant. It exists only in recorded runs.

#include <string>
#include <string_view>

#include "analysis/results/json_text.h"
#include "host/observer.h"
#include "scenarios/protocol/state_view.h"

namespace peerbed::scenarios {

// The most nodes that a snapshot shows: the first ones of a run. Later nodes are counted but not drawn.
constexpr NodeIndex maximum_snapshot_nodes = 2'000;

// Receives values for the current interval in addition to its counts, by metric name.
class IntervalValues {
 public:
  virtual ~IntervalValues() = default;
  // `unit` is one of analysis::TimeSeries.
  virtual void set(const std::string& metric, double value, std::string_view unit) = 0;
};

class ProtocolRecorder : public Observer {
 public:
  virtual std::string_view name() const = 0;  // of its section in chronicle.json
  // Measures the state at the end of an interval, and what happened since the last measurement, `elapsed` ago. Each
  // value belongs to a series of the timeline.
  virtual void measure(const StateView& /*states*/, Duration /*elapsed*/, IntervalValues& /*values*/) {}
  // Takes a snapshot of the present. Called at the start, and then rarely enough that all snapshots together stay
  // small.
  virtual void take_snapshot(const StateView& /*states*/, Duration /*now*/) {}
  // Writes its section, as one JSON object.
  virtual void write(analysis::JsonText& out) const = 0;
};

}  // namespace peerbed::scenarios
