#include <algorithm>
#include <optional>
#include <utility>

#include "protocols/environment/time.h"
#include "scenarios/plan/write_action.h"
#include "scenarios/proof/check_scenario.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

using namespace std::chrono_literals;

// Each step has so much time to itself, which is longer than any exchange takes; then the run is looked at.
constexpr Duration first_step = 10s;
constexpr Duration step_length = 30s;
// A node that starts knows one other, which is drawn. So many seeds are tried until all know whom they should.
constexpr std::uint64_t most_seeds = 2'000'000;
// Of maintenance that changes nothing for the better, after the steps.
constexpr int vain_rounds = 5;

std::optional<Action> action_of(const CheckStep& step) {
  switch (step.kind) {
    case check::ActionKind::start:
      return StartNodes{{step.node}};
    case check::ActionKind::crash_keep:
      return CrashNodes{{step.node}, Disk::keep};
    case check::ActionKind::crash_wipe:
      return CrashNodes{{step.node}, Disk::wipe};
    case check::ActionKind::leave:
      return LeaveNodes{{step.node}};
    case check::ActionKind::fire:
      return step.timer.empty() ? std::nullopt : std::optional<Action>(FireTimer{{step.node}, step.timer});
    case check::ActionKind::command:
      return Command{{step.node}, step.command};
    default:
      return std::nullopt;
  }
}

// The seed with which each process knows the contact through which it joins in the check.
std::optional<std::uint64_t> seed_for(const Refutation& refutation, const Scenario& scenario) {
  std::vector<GroupPlan> groups;
  for (const Group& group : scenario.groups) {
    groups.push_back(group.plan);
    groups.back().bootstrap.nodes.clear();
    for (NodeIndex node = 0; node < scenario.node_count(); ++node) groups.back().bootstrap.nodes.push_back(node);
    groups.back().bootstrap.count = 1;
  }
  for (std::uint64_t seed = 1; seed <= most_seeds; ++seed)
    if (scenario.groups.front().protocol->starts_through(groups, seed, refutation.steps)) return seed;
  return std::nullopt;
}

std::string commented(const std::string& text) {
  std::string comment;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    comment += "# " + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return comment;
}

std::string head_of(const Refutation& refutation, const Scenario& scenario) {
  std::string head = "A counterexample to: " + refutation.property + ".\n" + story_of(refutation, scenario);
  head += refutation.flaw + ".\n";
  if (refutation.kind != Refutation::Kind::broken) head += "No maintenance changes that.\n";
  return commented(head);
}

}  // namespace

std::string counterexample_of(const Refutation& refutation, const NodeCheck& check, const Scenario& scenario) {
  const Position position = scenario.document.position_of(scenario.document.root);
  Value root = scenario.document.root;
  for (const char* key : {"parameters", "check", "churn", "workload", "expect", "search", "network"})
    remove_entry(root, key);
  const auto is_start = [](const CheckStep& step) { return step.contact.has_value(); };
  const bool joins = std::any_of(refutation.steps.begin(), refutation.steps.end(), is_start);
  const auto seed = joins ? seed_for(refutation, scenario) : std::optional<std::uint64_t>(scenario.seed);
  if (!seed) throw ScenarioError(position, "too many nodes start for a run to show this; shrink the check");
  set_entry(root, "name", scalar_value(scenario.name + "-refuted"));
  set_entry(root, "seed", scalar_value(std::to_string(*seed)));
  set_entry(root, "lowered", scalar_value("true"));
  set_entry(root, "network", map_value({{"latency", scalar_value("1ms")}}));
  for (const Group& group : scenario.groups) {
    Value& written = *root.find("groups")->find(group.plan.name);
    Value options = written.find("options") != nullptr ? *written.find("options") : map_value({});
    for (const auto& [name, value] : check.still_options) {
      if (value.empty())
        remove_entry(options, name);
      else
        set_entry(options, name, scalar_value(value));
    }
    set_entry(written, "options", std::move(options));
    if (joins) set_entry(written, "bootstrap", map_value({{"random", scalar_value("1")}, {"of", scalar_value("all")}}));
    if (group.plan.start == StartMode::joining) set_entry(written, "start", scalar_value("never"));
  }
  Value faults = sequence_value({});
  Duration at = first_step;
  for (const CheckStep& step : refutation.steps) {
    const auto action = action_of(step);
    if (!action) throw ScenarioError(position, "a run cannot repeat these steps, which are about single messages");
    faults.elements.push_back(write_action({at, *action}, scenario));
    at += step_length;
  }
  Nodes everyone;
  for (NodeIndex node = 0; node < scenario.node_count(); ++node) everyone.push_back(node);
  for (int round = 0; refutation.kind != Refutation::Kind::broken && round < vain_rounds; ++round)
    for (const std::string& timer : check.maintenance) {
      faults.elements.push_back(write_action({at, FireTimer{everyone, timer}}, scenario));
      at += step_length;
    }
  set_entry(root, "faults", std::move(faults));
  set_entry(root, "duration", scalar_value(write_duration(at)));
  Value checks = map_value({{"every", scalar_value(write_duration(step_length))}});
  const std::vector<std::string> demands = scenario.groups.front().protocol->demands();
  if (std::find(demands.begin(), demands.end(), refutation.property) != demands.end())
    set_entry(checks, refutation.kind == Refutation::Kind::broken ? "always" : "finally",
              sequence_value({scalar_value(refutation.property)}));
  set_entry(root, "checks", std::move(checks));
  set_entry(root, "expect", sequence_value({scalar_value("violations == 0")}));
  return head_of(refutation, scenario) + write_document(root);
}

}  // namespace peerbed::scenarios
