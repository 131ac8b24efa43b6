#include "scenarios/plan/churn_actions.h"

#include <exception>

#include "protocols/environment/random.h"
#include "scenarios/text/overloaded.h"
#include "sim/random/churn.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t churn_purpose = 0xC4012;  // separates these draws from all others of the seed

sim::ChurnSchedule schedule_of(const Churn& churn, sim::ChurnScope scope) {
  return std::visit(overloaded{[&](const SessionChurn& form) {
                                 scope.nodes = form.nodes;
                                 return sim::alternating_churn(scope, form.session, form.down, form.begin);
                               },
                               [&](const Arrivals& form) {
                                 scope.nodes = form.nodes;
                                 return sim::poisson_arrivals(scope, form.mean_interval, form.session);
                               },
                               [&](const FlashCrowd& form) {
                                 scope.nodes = form.nodes;
                                 return sim::flash_crowd(scope, form.within, form.session);
                               },
                               [&](const ChurnTrace& form) {
                                 scope.nodes = form.nodes;
                                 return sim::trace_churn(scope, *form.trace);
                               }},
                    churn.form);
}

Action action_of(const sim::ChurnEvent& event, Disk disk) {
  switch (event.kind) {
    case sim::ChurnKind::arrive:
    case sim::ChurnKind::return_:
      return StartNodes{{event.node}};
    case sim::ChurnKind::leave:
      return LeaveNodes{{event.node}};
    case sim::ChurnKind::crash:
      break;
  }
  return CrashNodes{{event.node}, disk};
}

}  // namespace

std::vector<ScheduledAction> churn_actions(const Churn& churn, std::uint64_t seed, std::size_t index) {
  sim::ChurnScope scope;
  scope.from = time_zero + churn.from;
  scope.until = time_zero + churn.until;
  scope.graceful_share = churn.graceful;
  scope.key = key_of(seed, churn_purpose, index);
  std::vector<ScheduledAction> actions;
  try {
    for (const sim::ChurnEvent& event : schedule_of(churn, scope))
      actions.push_back({event.at.time_since_epoch(), action_of(event, churn.disk)});
  } catch (const std::exception& exception) {
    throw ScenarioError(churn.position, "churn." + std::to_string(index) + ": " + exception.what());
  }
  return actions;
}

}  // namespace peerbed::scenarios
