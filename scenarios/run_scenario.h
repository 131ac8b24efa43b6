#pragma once
// Runs a scenario from its beginning to its end, in the simulated network or on another stage, and says what happened.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/metrics.h"
#include "protocols/environment/trace.h"
#include "scenarios/action.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace peerbed::scenarios {

class Chronicle;

struct Progress {
  Duration now{};
  Duration end{};
  std::uint64_t events = 0;
};

struct RunOptions {
  sim::EventQueueKind queue = sim::EventQueueKind::wheel;
  std::vector<sim::Observer*> observers;             // further ones; they do not change the run
  std::function<bool(const Progress&)> on_progress;  // called every so many events; false ends the run early
  // In place of faults and churn; those of the scenario when null.
  const std::vector<Action>* actions = nullptr;
  std::size_t sharers = 1;  // runs that share this machine's memory
  // Is told of the run as it goes; made for the scenario, and not used before. Null: nobody is.
  Chronicle* chronicle = nullptr;
};

struct ExpectationResult {
  std::string text;    // as the scenario has it
  std::string actual;  // "was 98.2%"
  bool held = false;
};

struct Violation {
  Duration at{};
  std::string what;
};

// A property that did not hold: how often, at first and at last.
struct ViolatedProperty {
  std::string property;
  std::uint64_t count = 0;
  Violation first;
  Violation last;
};

struct PrintedLine {
  Duration at{};
  sim::NodeIndex node = 0;
  std::string text;
};

constexpr std::size_t maximum_lines_kept = 10'000;

struct RunResult {
  std::string scenario;
  std::string description;
  std::vector<std::pair<std::string, std::string>> parameters;  // of the scenario, with their values
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;  // 0 over sockets, where no run is like another
  std::uint64_t events = 0;
  Duration simulated{};
  std::size_t nodes = 0;
  bool interrupted = false;
  std::string outgrown;                     // one sentence on why it was ended before its time; else empty
  std::optional<sim::NodeIndex> suspected;  // then: who sent most of what was under way
  bool is_simulated = true;
  std::vector<std::string> remarks;  // on how it was done; over sockets: who imposed which condition
  analysis::Metrics metrics;
  analysis::Distributions distributions;  // of what nodes traced
  std::vector<std::string> findings;      // the metrics that protocols added of their own
  std::vector<TraceEventType> reported;   // what nodes can trace, by the tables of their protocols
  std::vector<ExpectationResult> expectations;
  std::uint64_t violation_count = 0;
  std::vector<ViolatedProperty> violations;  // by the time of the first
  std::vector<PrintedLine> lines;            // what nodes printed and was typed at them, from the beginning

  bool good() const noexcept;
};

class Stage;

RunResult run_scenario(const Scenario& scenario, const RunOptions& options = {});
// The same on a stage of that scenario which has not begun.
RunResult run_scenario(const Scenario& scenario, Stage& stage, const RunOptions& options);

}  // namespace peerbed::scenarios
