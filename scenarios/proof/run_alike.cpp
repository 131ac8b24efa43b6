#include "scenarios/proof/run_alike.h"

#include <algorithm>

#include "protocols/environment/random.h"
#include "scenarios/plan/lower.h"
#include "scenarios/trial/trial.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t most_tries = 500;
// What a check is about happens soon after the beginning.
constexpr Duration latest_deed = std::chrono::seconds(3);

}  // namespace

std::optional<std::vector<ScheduledAction>> run_alike(const Refutation& refutation, const std::vector<Action>& deeds,
                                                      const Scenario& scenario) {
  Scenario looked_at = scenario;
  looked_at.checks_changes = true;
  const std::vector<ScheduledAction> given = lowered_actions(scenario);
  Trial trial(looked_at);
  for (std::uint64_t attempt = 0; attempt < (deeds.empty() ? 1 : most_tries); ++attempt) {
    KeyedStream draws(attempt);
    std::vector<Duration> times;
    for (std::size_t i = 0; i < deeds.size(); ++i)
      times.emplace_back(std::chrono::milliseconds(draws.below(
          static_cast<std::uint64_t>(std::min(latest_deed, scenario.duration) / std::chrono::milliseconds(1)))));
    std::sort(times.begin(), times.end());
    std::vector<ScheduledAction> actions = given;
    for (std::size_t i = 0; i < deeds.size(); ++i) actions.push_back({times[i], deeds[i]});
    std::stable_sort(actions.begin(), actions.end(),
                     [](const ScheduledAction& one, const ScheduledAction& other) { return one.at < other.at; });
    const TrialOutcome outcome = trial.run(scenario.seed, actions, {.until_first = true});
    if (std::any_of(outcome.violations.begin(), outcome.violations.end(),
                    [&](const TrialViolation& violation) { return violation.property == refutation.property; }))
      return actions;
  }
  return std::nullopt;
}

}  // namespace peerbed::scenarios
