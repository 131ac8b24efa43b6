#pragma once
// Judges the histories of what the nodes of a run put and got, if the scenario asks for it.

#include <vector>

#include "analysis/history/history_report.h"
#include "analysis/statistics/metrics.h"
#include "host/observer.h"
#include "scenarios/backends/backend.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/protocol/value_history.h"

namespace peerbed::scenarios {

class HistoryJudge final : public Observer {
 public:
  HistoryJudge(const Scenario& scenario, const Backend& backend);

  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    histories_[history_of_group_[backend_.group_index(node)]].note(time, node, type, values);
  }

  // Of the whole run so far, whatever its measure_from.
  analysis::HistoryReport report() const;

 private:
  const Scenario& scenario_;
  const Backend& backend_;
  std::vector<ValueHistory> histories_;  // of each protocol
  std::vector<std::size_t> history_of_group_;
};

void write_history(const analysis::HistoryReport& report, analysis::Metrics& metrics);

}  // namespace peerbed::scenarios
