#include "scenarios/shrink/workbench.h"

#include <algorithm>

#include "scenarios/plan/lower.h"
#include "scenarios/run/run_scenario.h"

namespace peerbed::scenarios {
namespace {

// Without what was done to the nodes and their network, but with their starts and commands.
Case without_faults(Case example) {
  std::erase_if(example.deeds, [](const ScheduledAction& deed) {
    return !std::holds_alternative<StartNodes>(deed.action) && !std::holds_alternative<Command>(deed.action);
  });
  if (Value* network = example.rest.find("network"))
    for (const char* key : {"loss", "duplicate", "reorder", "corrupt"}) remove_entry(*network, key);
  return example;
}

}  // namespace

std::optional<Scenario> Workbench::loaded(const Case& example) const {
  Document document;
  document.sources = {"the case that is made smaller"};
  document.is_built_in = example.original->document.is_built_in;
  document.root = document_of(example);
  try {
    return load_scenario(std::move(document), registry_);
  } catch (const ScenarioError&) {
    return std::nullopt;
  }
}

std::optional<Failure> Workbench::failure_in(const RunResult& result) const {
  for (const Failure& failure : failures_of(result))
    if (failure.kind == failure_.kind && failure.property == failure_.property) return failure;
  return std::nullopt;
}

std::optional<Workbench::Outcome> Workbench::run(const Case& example) {
  const std::optional<Scenario> scenario = loaded(example);
  if (!scenario) return std::nullopt;
  ++runs_;
  const std::vector<ScheduledAction> actions = lowered_actions(*scenario);
  RunOptions options;
  options.queue = sim::EventQueueKind::heap;
  options.actions = &actions;
  const RunResult result = run_scenario(*scenario, options);
  const std::optional<Failure> failure = failure_in(result);
  if (!failure) {
    if (const std::vector<Failure> others = failures_of(result); !others.empty()) note_slip(others.front(), example);
    return std::nullopt;
  }
  Causes causes(*scenario);
  options.observers = {&causes};
  run_scenario(*scenario, options);
  return Outcome{*failure, signature_of(*scenario, actions, causes, *failure), result.digest};
}

bool Workbench::begin(const Case& example, const Failure& failure) {
  failure_ = failure;
  const std::optional<Outcome> outcome = run(example);
  if (!outcome) return false;
  smallest_ = example;
  size_ = size_of(example);
  failure_ = outcome->failure;
  signature_ = outcome->signature;
  digest_ = outcome->digest;
  needs_faults_ = failure.kind == Failure::Kind::expectation && holds_without_faults(example);
  return true;
}

bool Workbench::offer(Case candidate) {
  if (!has_time()) return false;
  CaseSize size = size_of(candidate);
  if (!(size < size_) || !tried_.insert(std::hash<std::string>()(size.text)).second) return false;
  std::optional<Outcome> outcome = run(candidate);
  if (!outcome) return false;
  if (!is_within(outcome->signature, signature_)) {
    note_slip(outcome->failure, candidate);
    return false;
  }
  if (needs_faults_ && !holds_without_faults(candidate)) return false;
  smallest_ = std::move(candidate);
  size_ = std::move(size);
  failure_ = std::move(outcome->failure);
  signature_ = std::move(outcome->signature);
  digest_ = outcome->digest;
  return true;
}

bool Workbench::fails(const Case& example) {
  const std::optional<Scenario> scenario = loaded(example);
  if (!scenario) return false;
  ++runs_;
  return failure_in(run_scenario(*scenario)).has_value();
}

bool Workbench::holds_without_faults(const Case& example) {
  const std::optional<Scenario> scenario = loaded(without_faults(example));
  if (!scenario) return false;
  ++runs_;
  return !failure_in(run_scenario(*scenario));
}

void Workbench::note_slip(const Failure& failure, const Case& example) {
  if (failure.kind == failure_.kind && failure.property == failure_.property) return;
  const auto known = std::find_if(slips_.begin(), slips_.end(),
                                  [&](const Slip& slip) { return slip.failure.property == failure.property; });
  if (known != slips_.end())
    *known = {failure, document_of(example)};  // later cases are smaller
  else if (slips_.size() < most_slips)
    slips_.push_back({failure, document_of(example)});
}

}  // namespace peerbed::scenarios
