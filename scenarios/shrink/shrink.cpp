#include "scenarios/shrink/shrink.h"

#include <algorithm>
#include <span>

#include "scenarios/plan/lower.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/shrink/deed_passes.h"
#include "scenarios/shrink/node_passes.h"
#include "scenarios/shrink/setting_passes.h"
#include "scenarios/shrink/time_passes.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_messages_tried = 300;  // the last ones before the failure

// The cheapest and most effective first. What changes the numbers of nodes changes everything, and comes last.
void make_smaller(Workbench& bench) {
  bool any = true;
  while (any && bench.has_time()) {
    any = cut_end(bench);
    any |= drop_deeds(bench);
    any |= stop_nodes(bench);
    any |= calm_network(bench);
    any |= narrow_deeds(bench);
    any |= drop_settings(bench);
    any |= close_gaps(bench);
    any |= round_times(bench);
    any |= shorten_commands(bench);
    any |= shorten_lists(bench);
    any |= move_deeds(bench);
    if (!any) any = order_nodes(bench);
    if (!any) any = list_messages(bench);
    if (!any) any = remove_stopped_nodes(bench);
  }
}

// The scenario states what should have been true.
void set_expectation(Case& example, const Failure& failure) {
  Value expect = scalar_value("violations == 0");
  if (failure.kind == Failure::Kind::expectation) {
    const Value* all = example.rest.find("expect");
    const auto& expectations = example.original->expectations;
    const bool is_list = all != nullptr && all->kind == Value::Kind::sequence;
    for (std::size_t i = 0; i < expectations.size() && all != nullptr; ++i)
      if (expectations[i].text == failure.property) expect = is_list ? all->elements[i] : *all;
  }
  set_entry(example.rest, "expect", sequence_value({std::move(expect)}));
}

// A message is decisive if the run does not fail when it alone is lost.
std::vector<SliceStep> decisive_messages(Workbench& bench, const Scenario& scenario) {
  Causes causes(scenario);
  RunOptions options;
  options.observers = {&causes};
  run_scenario(scenario, options);
  const std::vector<CausedStep>& steps = causes.steps();
  std::vector<std::size_t> past = past_of(scenario, causes, bench.failure());
  std::erase_if(past, [&](std::size_t i) {
    return steps[i].kind != analysis::RecordKind::datagram || steps[i].cause == 0 || steps[i].source == steps[i].node;
  });
  std::vector<SliceStep> decisive;
  const std::size_t tried = std::min(past.size(), most_messages_tried);
  for (const std::size_t index : std::span(past).last(tried)) {
    if (!bench.has_time()) break;
    const CausedStep& step = steps[index];
    sim::MessageDeed deed{.source = step.source, .destination = step.node, .kind = step.message};
    // Those that were sent before it at the same instant.
    for (std::size_t i = 0; i < index; ++i)
      if (steps[i].kind == step.kind && steps[i].source == step.source && steps[i].node == step.node &&
          steps[i].message == step.message && steps[i].cause != 0 &&
          steps[steps[i].cause - 1].at == steps[step.cause - 1].at)
        ++deed.nth;
    Case without = bench.smallest();
    const Duration sent = steps[step.cause - 1].at;
    const auto place = std::find_if(without.deeds.begin(), without.deeds.end(),
                                    [&](const ScheduledAction& other) { return other.at > sent; });
    without.deeds.insert(place, ScheduledAction{sent, ChangeMessage{deed}});
    if (!bench.fails(without))
      decisive.push_back({std::string(causes.message_name(step)), false, step.source, step.node, step.at});
  }
  return decisive;
}

}  // namespace

ShrinkResult shrink(const Scenario& scenario, const Registry& registry, const ShrinkLimits& limits) {
  ShrinkResult result;
  const std::vector<ScheduledAction> actions = lowered_actions(scenario);
  Causes causes(scenario);
  RunOptions options;
  options.actions = &actions;
  options.observers = {&causes};
  const RunResult run = run_scenario(scenario, options);
  result.runs = 1;
  const std::vector<Failure> failures = failures_of(run);
  if (failures.empty()) return result;
  result.first = failures.front();

  Case example = case_of(scenario, actions, causes);
  set_expectation(example, failures.front());
  Workbench bench(registry, limits);
  if (bench.begin(example, failures.front())) {
    result.is_same_run = bench.digest() == run.digest;
    make_smaller(bench);
    result.is_complete = bench.has_time();
    result.decisive = decisive_messages(bench, *bench.loaded(bench.smallest()));
  }
  result.document = document_of(bench.smallest());
  result.scenario = std::make_shared<const Scenario>(*bench.loaded(bench.smallest()));
  result.failure = bench.failure();
  result.signature = bench.signature();
  result.nodes = bench.size().nodes;
  result.deeds = bench.smallest().deeds.size();
  result.runs += bench.runs();
  result.slips = bench.slips();
  return result;
}

}  // namespace peerbed::scenarios
