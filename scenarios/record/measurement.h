#pragma once
// Measures what a run's nodes trace, by the tables that their protocols publish.

#include <vector>

#include "analysis/statistics/metrics.h"
#include "host/observer.h"
#include "scenarios/backends/backend.h"
#include "scenarios/record/trace_tally.h"

namespace peerbed::scenarios {

// Each trace event becomes NAME.count, and each of its fields NAME.FIELD.mean and so on.
class Measurement final : public Observer {
 public:
  Measurement(const Scenario& scenario, const Backend& backend)
      : scenario_(scenario), backend_(backend), tally_(scenario) {}

  void on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues& values) override;

  void write_to(analysis::Metrics& metrics) const;
  analysis::Distributions distributions() const;
  std::vector<TraceEventType> reported() const;

 private:
  void begin();

  const Scenario& scenario_;
  const Backend& backend_;
  TraceTally tally_;
  bool measures_ = false;  // measure_from has been reached
};

}  // namespace peerbed::scenarios
