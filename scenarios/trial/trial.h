#pragma once
// A trial is one run of a scenario in the simulated network with a given seed and list of actions, judged by the
// protocols' checks and by nothing else: no metrics, lines or files. It gives the digest and the violations of
// run_scenario, for a fraction of its cost, so that thousands can be tried where one would be reported.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/observer.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/protocol/state_view.h"

namespace peerbed::scenarios {

class ProtocolRun;

// The first violation of a property.
struct TrialViolation {
  std::string property;
  Duration at{};
  std::string what;
};

struct TrialOutcome {
  std::uint64_t digest = 0;
  std::uint64_t events = 0;
  Duration ended{};                        // since the start of the run
  std::vector<TrialViolation> violations;  // one per property, in order of time
  std::string failure;                     // why the run could not go on, in one sentence; otherwise empty

  bool failed() const noexcept { return !violations.empty() || !failure.empty(); }
};

// Watches a trial. When it is told of a step, all earlier ones have had their effects.
class TrialWitness : public Observer {
 public:
  // The trial begins, with all nodes down. The runs are those of the nodes' protocols, by node.
  virtual void begin(const StateView& /*states*/, std::span<ProtocolRun* const> /*runs*/) {}
  // The last step has had its effects.
  virtual void end() {}
};

struct TrialOptions {
  bool until_first = false;         // ends at the first look at which a property does not hold
  TrialWitness* witness = nullptr;  // does not change the trial
  std::uint64_t most_events = 50'000'000;
};

class Trial {
 public:
  // Whether properties are also checked at each change is up to the scenario (`checks: {changes: true}`).
  explicit Trial(const Scenario& scenario);

  // Starts of groups and the workload are the scenario's; `actions` stand in place of its faults and churn, and are in
  // order of time.
  TrialOutcome run(std::uint64_t seed, std::span<const ScheduledAction> actions, const TrialOptions& options = {});
  // The scenario's own faults and churn.
  TrialOutcome run(std::uint64_t seed, const TrialOptions& options = {});

  const Scenario& scenario() const noexcept { return scenario_; }

 private:
  Scenario scenario_;
  std::vector<ScheduledAction> starts_;
};

}  // namespace peerbed::scenarios
