#include "scenarios/record/fault_pictures.h"

#include <algorithm>
#include <map>
#include <utility>

#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t fewest_nodes = 3;     // of a great fault of nodes,
constexpr std::size_t share_of_nodes = 20;  // and one in so many of all

// How many nodes an action is about; all of them if it changes their surroundings.
std::size_t weight_of(const Action& action, std::size_t nodes) {
  return std::visit(
      overloaded{[](const StartNodes& each) { return each.nodes.size(); },
                 [](const CrashNodes& each) { return each.nodes.size(); },
                 [](const LeaveNodes& each) { return each.nodes.size(); },
                 [](const PauseNodes& each) { return each.nodes.size(); },
                 [](const ResumeNodes& each) { return each.nodes.size(); },
                 [](const Command&) { return std::size_t{0}; }, [](const ChangeMessage&) { return std::size_t{0}; },
                 [nodes](const auto&) { return nodes; }},
      action);
}

}  // namespace

void FaultPictures::plan(const Scenario& scenario, const std::vector<ScheduledAction>& actions, std::size_t pictures) {
  const std::size_t nodes = scenario.node_count();
  std::map<Duration, std::size_t> weights;
  for (const ScheduledAction& each : actions)
    if (each.at > Duration::zero() && each.at < scenario.duration) weights[each.at] += weight_of(each.action, nodes);
  std::vector<std::pair<std::size_t, Duration>> great;
  for (const auto& [at, weight] : weights)
    if (weight >= std::max(fewest_nodes, nodes / share_of_nodes)) great.emplace_back(weight, at);
  std::stable_sort(great.begin(), great.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  great.resize(std::min(great.size(), std::max<std::size_t>(pictures / (seconds_after + 2), 1)));
  std::set<Duration> due;
  for (const auto& [weight, at] : great) {
    faults_.insert(at);
    for (int second = 0; second <= seconds_after; ++second)
      if (const Duration time = at + std::chrono::seconds(second); time < scenario.duration) due.insert(time);
  }
  due_.assign(due.begin(), due.end());
}

bool FaultPictures::take(Duration now) {
  bool any = false;
  for (; !due_.empty() && due_.front() <= now; any = true) due_.pop_front();
  return any;
}

}  // namespace peerbed::scenarios
