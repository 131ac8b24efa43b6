#pragma once
// Watches a run and measures what its nodes trace, by the tables that their protocols publish.

#include <string>
#include <vector>

#include "analysis/metrics.h"
#include "scenarios/run_scenario.h"
#include "scenarios/stage.h"
#include "scenarios/trace_tally.h"

namespace peerbed::scenarios {

// Each trace event becomes NAME.count, and each of its fields NAME.FIELD.mean and so on.
class Measurement final : public sim::Observer {
 public:
  Measurement(const Scenario& scenario, Stage& stage, std::vector<sim::Observer*> others);

  void on_step(const sim::Step& step) override;
  void on_trace(Time time, sim::NodeIndex node, std::uint16_t type, const TraceValues& values) override;
  void on_line(Time time, sim::NodeIndex node, std::string_view line) override;
  void on_exit(Time time, sim::NodeIndex node) override;
  void on_stream_effect(Time time, sim::NodeIndex node, EffectKind kind, StreamId stream, std::uint64_t bytes) override;
  void on_timer_put_off(Time time, sim::NodeIndex node, TimerId timer) override;

  void write_to(analysis::Metrics& metrics) const;
  analysis::Distributions distributions() const;
  std::vector<TraceEventType> reported() const;
  // Whether the node printed a line that contains the text; known only for what expectations name.
  bool was_printed(const PrintedExpectation& expectation) const;
  std::vector<PrintedLine> take_lines() { return std::move(lines_); }
  std::uint64_t exits() const noexcept { return exits_; }
  Time last_exit() const noexcept { return last_exit_; }

 private:
  void begin();
  void show_step(const sim::Step& step);
  void keep_line(Time time, sim::NodeIndex node, std::string line);

  const Scenario& scenario_;
  Stage& stage_;
  std::vector<sim::Observer*> others_;
  TraceTally tally_;
  bool measures_ = false;  // measure_from is past
  std::vector<std::pair<const PrintedExpectation*, bool>> awaited_;
  std::vector<PrintedLine> lines_;
  std::uint64_t exits_ = 0;
  Time last_exit_{};
};

// Messages by kind, bytes, and what became of them.
void measure_traffic(const Scenario& scenario, const sim::World& world, analysis::Metrics& metrics);

}  // namespace peerbed::scenarios
