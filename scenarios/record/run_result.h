#pragma once
// The outcome of a run: its metrics and its expectations.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/history/history_report.h"
#include "analysis/statistics/metrics.h"
#include "host/node_index.h"
#include "protocols/environment/time.h"
#include "protocols/environment/trace.h"

namespace peerbed::scenarios {

struct ExpectationResult {
  std::string text;    // as in the scenario
  std::string actual;  // "was 98.2%"
  bool held = false;
};

struct Violation {
  Duration at{};
  std::string what;
};

// A property that did not hold: how often, and the first and last violation.
struct ViolatedProperty {
  std::string property;
  std::uint64_t count = 0;
  Violation first;
  Violation last;
};

struct PrintedLine {
  Duration at{};
  NodeIndex node = 0;
  std::string text;
};

constexpr std::size_t maximum_lines_kept = 10'000;

struct RunResult {
  std::string scenario;
  std::string description;
  std::vector<std::pair<std::string, std::string>> parameters;  // of the scenario
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;  // 0 over sockets, where no two runs are alike
  std::uint64_t events = 0;
  Duration simulated{};
  std::size_t nodes = 0;
  bool interrupted = false;
  std::string outgrown;                // why the run was ended early, in one sentence; otherwise empty
  std::optional<NodeIndex> suspected;  // if so: the node that sent most of what was pending
  bool is_simulated = true;
  std::vector<std::string> remarks;  // on how it was run; over sockets: what imposed which condition
  analysis::Metrics metrics;
  analysis::Distributions distributions;  // of what nodes traced
  std::vector<std::string> findings;      // metrics that protocols added
  std::vector<TraceEventType> reported;   // what nodes can trace, from their protocols' tables
  std::vector<ExpectationResult> expectations;
  std::uint64_t violation_count = 0;
  std::vector<ViolatedProperty> violations;        // by time of the first violation
  std::vector<PrintedLine> lines;                  // what nodes printed and what was typed at them, from the start
  std::optional<analysis::HistoryReport> history;  // if the scenario has it judged

  bool good() const noexcept {
    return !interrupted && outgrown.empty() &&
           std::all_of(expectations.begin(), expectations.end(),
                       [](const ExpectationResult& each) { return each.held; });
  }
};

}  // namespace peerbed::scenarios
