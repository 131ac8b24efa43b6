#pragma once
// Prints how a sweep came out: its title, its tables, and the runs that failed.

#include <string>
#include <vector>

#include "analysis/results/table.h"
#include "app/sweep/sweep_gather.h"
#include "scenarios/sweep/sweep_plan.h"

namespace peerbed::app {

class SweepOutcome {
 public:
  // The plan must outlive it. `program` and `scenario` are words of a command that repeats a run.
  SweepOutcome(const scenarios::SweepPlan& plan, std::string program, std::string scenario, analysis::Style style)
      : plan_(plan), program_(std::move(program)), scenario_(std::move(scenario)), style_(style) {}

  // "list=2, seed 3"
  std::string unit_text(const scenarios::SweepUnit& unit) const;
  // The command that runs, or shrinks, one unit on its own.
  std::string again(const scenarios::SweepUnit& unit, const char* command = "run") const;

  // `wanted` are the metrics to show; if empty, the telling ones. Failures go to stderr if stdout has JSON. Throws
  // UsageError for a metric that does not exist.
  void print(const Gathered& gathered, const std::string& folder, const std::vector<std::string>& wanted,
             bool as_json) const;

 private:
  void print_title(const Gathered& gathered) const;
  void print_failures(const Gathered& gathered, std::ostream& out) const;

  const scenarios::SweepPlan& plan_;
  std::string program_;
  std::string scenario_;
  analysis::Style style_;
};

}  // namespace peerbed::app
