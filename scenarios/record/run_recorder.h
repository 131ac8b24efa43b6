#pragma once
// Records a run over time for later viewing: metrics by interval (timeline.csv), and nodes' sessions, actions on them,
// and snapshots of the protocols' state (chronicle.json). It observes a run without changing it, and its size is
// bounded: long lists are thinned and marked as thinned.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/history/history_report.h"
#include "analysis/results/timeline.h"
#include "scenarios/backends/backend.h"
#include "scenarios/protocol/protocol_recorder.h"
#include "scenarios/record/fault_pictures.h"
#include "scenarios/record/interval_meter.h"
#include "scenarios/record/marks.h"
#include "scenarios/record/sessions.h"

namespace peerbed::scenarios {

class RunRecorder final : public Observer {
 public:
  // Without an interval, chooses one that suits the scenario's length. The scenario must outlive the recorder.
  explicit RunRecorder(const Scenario& scenario, std::optional<Duration> interval = {});

  // Called by the runner, with the scenario's backend: prepare() before anything happens, with all actions; begin()
  // once the actions at time zero are done; note() after each action from outside; look() at each time that next_look()
  // returns, before the actions of that time; acted() once the actions of a time are done; end() at the end.
  void prepare(Backend& backend, const std::vector<ScheduledAction>& actions);
  void begin(const Backend& backend) { take_snapshot(backend, Duration::zero()); }
  void note(const Action& action, Duration at, std::size_t affected) { marks_.note(action, at, affected); }
  Duration next_look() const noexcept { return std::min(since_ + interval_, pictures_.next()); }
  void look(const Backend& backend, Duration now);
  void acted(const Backend& backend, Duration at);
  void end(const Backend& backend, Duration now);

  // The history of what the nodes put and got, if it was judged.
  void note_history(const analysis::HistoryReport& history) { history_ = history; }

  void on_step(const Step& step) override;
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override;
  void on_line(Time time, NodeIndex node, std::string_view line) override;
  void on_exit(Time time, NodeIndex node) override;

  Duration interval() const noexcept { return interval_; }
  analysis::Timeline timeline() const { return meter_.timeline(); }
  // One JSON object (docs/file-formats.md), ending with a newline.
  std::string json() const;
  // The nodes with their groups and sites, one a line.
  std::string nodes_csv() const;

 private:
  ProtocolRecorder* part_of(NodeIndex node) const noexcept;
  void end_interval(const Backend& backend, Duration now, bool is_last);
  void take_snapshot(const Backend& backend, Duration now);
  void write_cast(analysis::JsonText& out) const;
  void write_network(analysis::JsonText& out) const;

  const Scenario& scenario_;
  Duration interval_;
  Duration since_{};       // start of the current interval
  Duration measured_{};    // when protocols last measured
  Duration now_{};         // time of the latest look
  std::size_t looks_ = 0;  // so far
  std::size_t looks_between_measures_ = 1;
  std::size_t looks_between_snapshots_ = 1;
  FaultPictures pictures_;
  IntervalMeter meter_;
  Sessions sessions_;
  Marks marks_;
  std::optional<analysis::HistoryReport> history_;
  std::vector<std::unique_ptr<ProtocolRecorder>> parts_;
  std::vector<ProtocolRecorder*> part_of_group_;  // null if its protocol has none
};

}  // namespace peerbed::scenarios
