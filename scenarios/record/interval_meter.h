#pragma once
// Measures a run in equal intervals: what nodes trace, what the backend counts, and the values at the end of each
// interval.

#include <map>
#include <string>
#include <vector>

#include "analysis/results/timeline.h"
#include "analysis/statistics/metrics.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/protocol/protocol_recorder.h"
#include "scenarios/record/trace_tally.h"

namespace peerbed::scenarios {

class IntervalMeter final : public IntervalValues {
 public:
  IntervalMeter(const Scenario& scenario, Duration interval);

  void note_trace(NodeIndex node, std::uint16_t type, const TraceValues& values);
  void set(const std::string& metric, double value, std::string_view unit) override {
    timeline_.set(metric, index_, value, unit);
  }
  // Ends the current interval. `totals` count from the start of the run; for traffic, the interval gets the difference.
  void end_interval(const analysis::Metrics& totals);

  // Omits series of counts that stayed zero.
  analysis::Timeline timeline() const;

 private:
  void write_traced(const TraceEventType& type, const TraceTally::Event& traced);
  void write_added(const std::string& name, const analysis::Metric& total);

  const Scenario& scenario_;
  TraceTally tally_;                      // for the current interval
  std::map<std::string, double> totals_;  // counters at the end of the previous interval
  analysis::Timeline timeline_;
  std::size_t index_ = 0;  // index of the current interval
};

}  // namespace peerbed::scenarios
