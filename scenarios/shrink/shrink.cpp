#include "scenarios/shrink/shrink.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "scenarios/plan/lower.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/shrink/deed_passes.h"
#include "scenarios/shrink/leap.h"
#include "scenarios/shrink/listed_messages.h"
#include "scenarios/shrink/node_passes.h"
#include "scenarios/shrink/setting_passes.h"
#include "scenarios/shrink/time_passes.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_messages_tried = 100;  // the last ones before the failure

// Those of these passes that get on, until none does. Returns whether any did.
template <std::size_t count>
bool go_on(Workbench& bench, const std::array<bool (*)(Workbench&), count>& passes) {
  bool any = false;
  std::array<bool, count> gains{};
  gains.fill(true);
  while (std::find(gains.begin(), gains.end(), true) != gains.end() && bench.has_time()) {
    for (std::size_t i = 0; i < count; ++i)
      if (gains[i]) any |= gains[i] = bench.has_time() && passes[i](bench);
  }
  return any;
}

// The cheapest and most effective first. What changes the numbers of nodes changes what they draw, and comes last.
void make_smaller(Workbench& bench) {
  constexpr std::array cheap{cut_end,         stop_nodes,     drop_deeds,          fold_nodes,    start_at_once,
                             start_later,     calm_network,   change_network_once, narrow_deeds,  settle_sooner,
                             quicken,         simplify_deeds, drop_settings,       lower_numbers, lower_sizes,
                             close_gaps,      merge_instants, round_times,         move_deeds,    lower_keys,
                             shorten_commands};
  constexpr std::array costly{list_chances, list_cuts, remove_idle_nodes, order_nodes};
  leap(bench);
  bool any = true;
  while (any && bench.has_time()) {
    any = go_on(bench, cheap);
    for (const auto pass : costly)
      if (!any && bench.has_time()) any = pass(bench);
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

// Runs the smallest case once more, for its signature and the messages without any one of which it would not fail.
void explain(Workbench& bench, ShrinkResult& result) {
  const Scenario& scenario = *result.scenario;
  const std::vector<ScheduledAction> actions = lowered_actions(scenario);
  Causes causes(scenario);
  RunOptions options;
  options.actions = &actions;
  options.observers = {&causes};
  run_scenario(scenario, options);
  result.signature = signature_of(scenario, actions, causes, bench.failure());

  const std::vector<CausedStep>& steps = causes.steps();
  std::vector<std::size_t> past = past_of(scenario, causes, bench.failure());
  std::erase_if(past, [&](std::size_t i) {
    return steps[i].kind != analysis::RecordKind::datagram || steps[i].cause == 0 || steps[i].source == steps[i].node;
  });
  const std::size_t tried = std::min(past.size(), most_messages_tried);
  for (const std::size_t index : std::span(past).last(tried)) {
    if (!bench.has_time()) break;
    const CausedStep& step = steps[index];
    const Duration sent = steps[step.cause - 1].at;
    sim::MessageDeed deed{.source = step.source, .destination = step.node, .kind = step.message};
    // Those that were sent before it at the same instant.
    for (std::size_t i = 0; i < index; ++i)
      if (steps[i].kind == step.kind && steps[i].source == step.source && steps[i].node == step.node &&
          steps[i].message == step.message && steps[i].cause != 0 && steps[steps[i].cause - 1].at == sent)
        ++deed.nth;
    Case without = bench.smallest();
    const auto place = std::find_if(without.deeds.begin(), without.deeds.end(),
                                    [&](const ScheduledAction& other) { return other.at > sent; });
    without.deeds.insert(place, ScheduledAction{sent, ChangeMessage{deed}});
    if (!bench.fails(without))
      result.decisive.push_back({std::string(causes.message_name(step)), false, step.source, step.node, step.at});
  }
}

// A scenario together with what happened in it, written out.
struct WrittenOut {
  Case example;
  std::vector<Failure> failures;
  std::uint64_t digest = 0;
};

WrittenOut written_out(const Scenario& scenario) {
  const std::vector<ScheduledAction> actions = lowered_actions(scenario);
  Causes causes(scenario);
  RunOptions options;
  options.actions = &actions;
  options.observers = {&causes};
  const RunResult run = run_scenario(scenario, options);
  return {case_of(scenario, actions, causes), failures_of(run), run.digest};
}

}  // namespace

ShrinkResult shrink(const Scenario& scenario, const Registry& registry, const ShrinkLimits& limits) {
  ShrinkResult result;
  WrittenOut written = written_out(scenario);
  result.runs = 1;
  if (written.failures.empty()) return result;
  result.first = written.failures.front();
  set_expectation(written.example, *result.first);
  Workbench bench(registry, limits);
  if (!bench.begin(written.example)) return result;
  result.is_same_run = bench.digest() == written.digest;
  // Read back, the document may be written out in another way, in which it can be made smaller still. When that is not
  // so, neither can it later.
  std::string text;
  while (true) {
    make_smaller(bench);
    result.document = document_of(bench.smallest());
    std::string smaller = write_document(result.document);
    if (smaller == text || !bench.has_time()) break;
    text = std::move(smaller);
    Document document = parse_document(text, "the smaller scenario");
    document.is_built_in = scenario.document.is_built_in;
    written = written_out(load_scenario(std::move(document), registry));
    if (!bench.begin(written.example)) break;
  }
  result.is_complete = bench.has_time();
  result.scenario = std::make_shared<const Scenario>(*bench.loaded(bench.smallest()));
  result.failure = bench.failure();
  explain(bench, result);
  result.nodes = bench.size().nodes;
  result.deeds = bench.smallest().deeds.size();
  result.runs += bench.runs();
  result.slips = bench.slips();
  return result;
}

}  // namespace peerbed::scenarios
