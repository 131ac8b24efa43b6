#pragma once
// Measures a run in equal intervals: what nodes trace, what the stage counts, and what is so at an interval's end.

#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "analysis/histogram.h"
#include "analysis/metrics.h"
#include "analysis/timeline.h"
#include "scenarios/protocol_chronicle.h"
#include "scenarios/scenario.h"

namespace peerbed::scenarios {

class IntervalMeter final : public IntervalValues {
 public:
  IntervalMeter(const Scenario& scenario, Duration interval);

  void note_trace(sim::NodeIndex node, std::uint16_t type, const TraceValues& values);
  void set(const std::string& metric, double value, std::string_view unit) override {
    timeline_.set(metric, place_, value, unit);
  }
  // The interval under way ends. `totals` are since the beginning of the run: of traffic the interval has what was
  // added.
  void end_interval(const analysis::Metrics& totals);

  // Series of counts in which nothing ever happened are left out.
  analysis::Timeline timeline() const;

 private:
  // What nodes traced in the interval under way.
  struct Measured {
    std::uint64_t count = 0;
    std::array<analysis::Histogram, maximum_trace_fields> fields;
  };
  struct Table {
    std::span<const TraceEventType> types;
    std::vector<Measured> measured;
  };

  void write_traced(const TraceEventType& type, const Measured& measured);
  void write_added(const std::string& name, const analysis::Metric& total);

  const Scenario& scenario_;
  std::vector<Table> tables_;
  std::vector<std::size_t> table_of_group_;
  std::map<std::string, double> totals_;  // of the counters, at the end of the interval before
  analysis::Timeline timeline_;
  std::size_t place_ = 0;  // of the interval under way
};

}  // namespace peerbed::scenarios
