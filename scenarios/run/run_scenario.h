#pragma once
// Runs a scenario from start to end, in the simulated network or on another backend, and returns its result.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/observer.h"
#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/record/run_result.h"
#include "sim/core/event_queue.h"

namespace peerbed::scenarios {

class LinkLog;
class RunRecorder;

struct Progress {
  Duration now{};
  Duration end{};
  std::uint64_t events = 0;
};

struct RunOptions {
  sim::EventQueueKind queue = sim::EventQueueKind::wheel;
  std::vector<Observer*> observers;                  // additional ones; they do not change the run
  std::function<bool(const Progress&)> on_progress;  // called every so often; returning false ends the run early
  // Used instead of the scenario's faults and churn, unless null.
  const std::vector<ScheduledAction>* actions = nullptr;
  std::size_t sharers = 1;  // number of runs that share this machine's memory
  // Records the run; made for this scenario and unused. Null: nothing is recorded.
  RunRecorder* recorder = nullptr;
  LinkLog* links = nullptr;  // the same, for the links of a simulated network
  // How many threads a simulation may use, up to 64; they change nothing but speed.
  std::size_t threads = 1;
  // Called once, with the reason as a clause, if it uses one although it may use several.
  std::function<void(const std::string& why)> on_one_thread;
};

class Backend;

RunResult run_scenario(const Scenario& scenario, const RunOptions& options = {});
// The same on a backend that was made for this scenario and has not started.
RunResult run_scenario(const Scenario& scenario, Backend& backend, const RunOptions& options);

}  // namespace peerbed::scenarios
