#include "scenarios/shrink/workbench.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "protocols/environment/codec.h"
#include "scenarios/plan/lower.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/trial/trial.h"

namespace peerbed::scenarios {
namespace {

constexpr Duration shortest_run = std::chrono::milliseconds(1);
constexpr Duration time_to_join = std::chrono::seconds(30);

// Without what was done to the nodes and their network, but with their starts and commands.
Case without_faults(Case example) {
  std::erase_if(example.deeds, [](const ScheduledAction& deed) {
    return !std::holds_alternative<StartNodes>(deed.action) && !std::holds_alternative<Command>(deed.action);
  });
  if (Value* network = example.rest.find("network"))
    for (const char* key : {"loss", "duplicate", "reorder", "corrupt"}) remove_entry(*network, key);
  return example;
}

// The kinds of the messages that were delivered in a trial.
class DeliveredKinds final : public TrialWitness {
 public:
  explicit DeliveredKinds(const Scenario& scenario) : scenario_(scenario) {}

  void on_step(const Step& step) override {
    if (step.kind != StepKind::datagram) return;
    first_.try_emplace({scenario_.group_of(step.source).protocol.get(), message_kind(step.bytes)},
                       step.time.time_since_epoch());
  }
  // Of those before a failure. A look at a period precedes what happens at its instant.
  std::set<std::string> take(Duration failed) const {
    std::set<std::string> names;
    for (const auto& [kind, at] : first_) {
      const auto all = kind.first->message_kinds();
      if (scenario_.checks_changes ? at <= failed : at < failed)
        names.emplace(kind.second < all.size() ? all[kind.second] : std::string_view());
    }
    return names;
  }

 private:
  const Scenario& scenario_;
  std::map<std::pair<const Protocol*, std::uint8_t>, Duration> first_;  // when each was delivered first
};

std::vector<std::string> first_commands(const Case& example) {
  std::vector<std::string> lines;
  std::set<std::string> verbs;
  for (const ScheduledAction& deed : example.deeds)
    if (const auto* command = std::get_if<Command>(&deed.action))
      if (verbs.insert(command->line.substr(0, command->line.find(' '))).second) lines.push_back(command->line);
  return lines;
}

}  // namespace

Scenario Workbench::load(const Case& example) const {
  Document document;
  document.sources = example.original->document.sources;  // which its values refer to
  document.is_built_in = example.original->document.is_built_in;
  document.root = document_of(example);
  return load_scenario(std::move(document), registry_);
}

std::optional<Scenario> Workbench::loaded(const Case& example) const {
  try {
    return load(example);
  } catch (const ScenarioError&) {
    return std::nullopt;
  }
}

// What a trial does not see decides nothing: if a property does not hold, whether the run ends well otherwise.
std::optional<Failure> Workbench::failure_of(const Scenario& scenario, const std::vector<ScheduledAction>& actions,
                                             std::set<std::string>* kinds) {
  ++runs_;
  if (failure_.kind == Failure::Kind::property) {
    DeliveredKinds delivered(scenario);
    TrialOptions options;
    options.until_first = true;
    options.witness = kinds != nullptr ? &delivered : nullptr;
    const TrialOutcome outcome = Trial(scenario).run(scenario.seed, actions, options);
    events_ += outcome.events;
    if (!outcome.violations.empty()) {
      const TrialViolation& violation = outcome.violations.front();
      if (kinds != nullptr) *kinds = delivered.take(violation.at);
      return Failure{Failure::Kind::property, violation.property, violation.what, violation.at};
    }
    if (outcome.failure.empty()) return std::nullopt;
    return Failure{Failure::Kind::ended, std::string(run_can_go_on), outcome.failure, outcome.ended};
  }
  Causes causes(scenario);
  RunOptions options;
  options.queue = sim::EventQueueKind::heap;
  options.actions = &actions;
  if (kinds != nullptr) options.observers = {&causes};
  const RunResult result = run_scenario(scenario, options);
  events_ += result.events;
  const std::vector<Failure> failures = failures_of(result);
  if (failures.empty()) return std::nullopt;
  if (kinds != nullptr) *kinds = signature_of(scenario, actions, causes, failures.front()).kinds;
  return failures.front();
}

bool Workbench::is_alike(const Failure& failure, const Scenario& scenario) const {
  return failure.kind == failure_.kind && failure.property == failure_.property &&
         predicate_of(failure, scenario) == predicate_;
}

bool Workbench::begin(const Case& example) {
  const Scenario scenario = load(example);
  const std::vector<ScheduledAction> actions = lowered_actions(scenario);
  Causes causes(scenario);
  RunOptions options;
  options.actions = &actions;
  options.observers = {&causes};
  ++runs_;
  const RunResult run = run_scenario(scenario, options);
  events_ += run.events;
  const std::vector<Failure> failures = failures_of(run);
  if (failures.empty()) return false;
  if (predicate_.empty()) {
    failure_ = failures.front();
    predicate_ = predicate_of(failure_, scenario);
    message_kinds_ = signature_of(scenario, actions, causes, failure_).kinds;
    add_kinds_of_a_join(example);
    const Duration promised = scenarios::calm_needed(scenario, actions, Duration::max());
    usual_settle_ = scenario.settle < promised ? scenario.settle : Duration::max();
    burden_ = burden_of(scenario, actions, usual_settle_);
    commands_ = first_commands(example);
    needs_faults_ = failure_.kind == Failure::Kind::expectation && holds_without_faults(example);
  } else if (!is_alike(failures.front(), scenario)) {
    return false;
  }
  failure_ = failures.front();
  digest_ = run.digest;
  smallest_ = example;
  size_ = size_of(example);
  return true;
}

// Where some nodes do not run from the start, joining is part of the scenario, whether one joins in the original or
// not.
void Workbench::add_kinds_of_a_join(const Case& example) {
  Case join = example;
  const auto joiner =
      std::find_if(join.nodes.begin(), join.nodes.end(), [](const auto& node) { return !node.from_the_start; });
  if (joiner == join.nodes.end()) return;
  const Duration end = std::min(join.duration, time_to_join);
  join = ended_at(std::move(join), end);
  join.deeds = {{end / 4, StartNodes{{static_cast<NodeIndex>(joiner - join.nodes.begin())}}}};
  const std::optional<Scenario> scenario = loaded(join);
  if (!scenario) return;
  Causes causes(*scenario);
  RunOptions options;
  options.observers = {&causes};
  ++runs_;
  events_ += run_scenario(*scenario, options).events;
  Failure failure;
  failure.at = end;
  message_kinds_.merge(signature_of(*scenario, {}, causes, failure).kinds);
}

bool Workbench::offer(Case candidate) {
  if (!has_time() || candidate.duration < shortest_run) return false;
  CaseSize size = size_of(candidate);
  if (!(size < size_) || !tried_.insert(std::hash<std::string>()(size.text)).second) return false;
  const std::optional<Scenario> scenario = loaded(candidate);
  if (!scenario) return false;
  const std::vector<ScheduledAction> actions = lowered_actions(*scenario);
  if (!burden_of(*scenario, actions, usual_settle_).is_within(burden_)) return false;
  std::set<std::string> kinds;
  std::optional<Failure> failure = failure_of(*scenario, actions, &kinds);
  if (!failure) return false;
  if (!is_alike(*failure, *scenario)) {
    note_slip({*failure, predicate_of(*failure, *scenario), document_of(candidate)});
    return false;
  }
  if (!std::includes(message_kinds_.begin(), message_kinds_.end(), kinds.begin(), kinds.end())) return false;
  if (needs_faults_ && !holds_without_faults(candidate)) return false;
  smallest_ = std::move(candidate);
  size_ = std::move(size);
  failure_ = std::move(*failure);
  return true;
}

bool Workbench::fails(const Case& example) {
  const std::optional<Scenario> scenario = loaded(example);
  if (!scenario) return false;
  const std::optional<Failure> failure = failure_of(*scenario, lowered_actions(*scenario));
  return failure && is_alike(*failure, *scenario);
}

Duration Workbench::calm_needed() const {
  const std::optional<Scenario> scenario = loaded(smallest_);
  return scenarios::calm_needed(*scenario, lowered_actions(*scenario), usual_settle_);
}

bool Workbench::holds_without_faults(const Case& example) {
  const std::optional<Scenario> scenario = loaded(without_faults(example));
  if (!scenario) return false;
  const std::optional<Failure> failure = failure_of(*scenario, lowered_actions(*scenario));
  return !failure || failure->property != failure_.property;
}

// Of those that fail alike the last one, which is the smallest, is kept.
void Workbench::note_slip(Slip slip) {
  const auto known = std::find_if(slips_.begin(), slips_.end(), [&](const Slip& other) {
    return other.failure.property == slip.failure.property && other.predicate == slip.predicate;
  });
  if (known != slips_.end())
    *known = std::move(slip);
  else if (slips_.size() < most_slips)
    slips_.push_back(std::move(slip));
}

}  // namespace peerbed::scenarios
