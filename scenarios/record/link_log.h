#pragma once
// Records what crossed each link of a simulated run, and what waited and was dropped there, by interval (links.csv). A
// link has a row for each interval in which it was limited and something arrived or waited, or in which something was
// dropped. The number of rows is bounded: the intervals are made longer for many links.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/results/link_table.h"
#include "analysis/statistics/occupancy.h"
#include "scenarios/plan/scenario.h"
#include "sim/network/link_observer.h"

namespace peerbed::scenarios {

// "Oslo -> Rome": a link of the scenario's topology. The second of several between two sites ends in "#2".
std::string link_name(const Scenario& scenario, std::size_t index);

class LinkLog final : public sim::LinkObserver {
 public:
  // If there are more links than this, each has one row for the whole run, and those with most drops, and of equals
  // with most bytes, are kept.
  static constexpr std::size_t maximum_rows = 200'000;

  // The interval becomes a multiple of this one. The scenario must outlive this.
  LinkLog(const Scenario& scenario, Duration interval);

  void on_arrival(const sim::LinkName& name, const sim::LinkState& link, const sim::LinkArrival& arrival) override;
  void on_turn(const sim::LinkName& name, const sim::LinkLimit& limit, const sim::QueueTurn& turn) override;
  void on_wire_loss(const sim::LinkName& name, Time at, std::uint32_t packets) override;
  void on_path_drop(NodeIndex source, Time sent, sim::PathDrop cause, std::uint32_t packets) override;
  // Call it once, at the end of the run.
  analysis::LinkTable finish(Time end);

 private:
  // One link, and what has happened there since the current interval began.
  struct State {
    std::int64_t interval = 0;
    Time now;                  // of the latest arrival, or the interval's beginning
    Time free_at;              // when the wire will have sent everything
    Time ramp_end;             // until then, the level goes to `target`
    std::uint64_t level = 0;   // bytes in the queue at `now`
    std::uint64_t target = 0;  // at ramp_end; from there it falls to 0 at free_at
    bool is_stepped = false;   // the link has a discipline: the level holds until its next turn
    Duration busy{};
    analysis::Occupancy occupancy;
    analysis::LinkRow row;
  };
  struct Row {
    std::int64_t interval = 0;
    std::uint64_t link = 0;  // position in the order of the table
    analysis::LinkRow row;
  };

  std::uint64_t position_of(const sim::LinkName& name) const noexcept;
  std::string name_of(std::uint64_t position) const;
  Time begin_of(std::int64_t interval) const noexcept { return time_zero + interval * interval_; }
  State& state_at(std::uint64_t position, Time at);
  void advance(State& state, Time to) const;
  void end_interval(std::uint64_t position, State& state, Time end);

  const Scenario& scenario_;
  Duration interval_;
  std::unordered_map<std::uint64_t, State> states_;  // of links at which something arrived
  std::vector<Row> rows_;
};

}  // namespace peerbed::scenarios
