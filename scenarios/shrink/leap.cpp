#include "scenarios/shrink/leap.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/trial/signature.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t few_nodes = 12;
constexpr std::size_t few_commands = 64;
constexpr std::chrono::seconds shortest(1);

// `count` of them, evenly spread.
template <class Element>
std::vector<Element> spread(const std::vector<Element>& all, std::size_t count) {
  if (count >= all.size()) return all;
  std::vector<Element> some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[(2 * i + 1) * all.size() / (2 * count)]);
  return some;
}

// A property that does not hold is known to have held before.
bool end_early(Workbench& bench) {
  if (bench.failure().kind != Failure::Kind::expectation) return false;
  for (Duration end = shortest; end <= bench.smallest().duration / 2 && bench.has_time(); end *= 2)
    if (bench.offer(ended_at(bench.smallest(), end))) return true;
  return false;
}

// Those that the failure names, and others of their kinds.
bool keep_few_nodes(Workbench& bench) {
  const Nodes all = running(bench.smallest());
  if (all.size() <= few_nodes) return false;
  std::map<std::size_t, std::vector<NodeIndex>> by_kind;
  for (const NodeIndex node : all) by_kind[bench.smallest().nodes[node].kind].push_back(node);
  std::size_t most = 0;
  for (const auto& [kind, nodes] : by_kind) most = std::max(most, nodes.size());
  const std::optional<Scenario> scenario = bench.loaded(bench.smallest());
  const Nodes named = nodes_named(bench.failure().what, *scenario);
  for (std::size_t count = 1; count <= most / 2 && bench.has_time(); count *= 2) {
    std::set<NodeIndex> kept(named.begin(), named.end());
    for (const auto& [kind, nodes] : by_kind)
      for (const NodeIndex node : spread(nodes, count)) kept.insert(node);
    Nodes stopped;
    for (const NodeIndex node : all)
      if (!kept.contains(node)) stopped.push_back(node);
    if (bench.offer(without_starting(bench.smallest(), stopped))) return true;
  }
  return false;
}

// The verb of a command and its first argument, if it has any.
std::pair<std::string, std::string> verb_and_name(const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  std::string name;
  words >> verb >> name;
  return {verb, name};
}

// Commands that have an argument in common belong together.
bool keep_few_commands(Workbench& bench) {
  std::map<std::string, std::set<std::string>> verbs;  // by name
  std::size_t commands = 0;
  for (const ScheduledAction& deed : bench.smallest().deeds)
    if (const auto* command = std::get_if<Command>(&deed.action)) {
      const auto [verb, name] = verb_and_name(command->line);
      verbs[name].insert(verb);
      ++commands;
    }
  if (commands <= few_commands) return false;
  std::map<std::set<std::string>, std::vector<std::string>> alike;  // names, by the verbs that they go with
  for (const auto& [name, with] : verbs) alike[with].push_back(name);
  std::size_t most = 0;
  for (const auto& [with, names] : alike) most = std::max(most, names.size());
  for (std::size_t count = 1; count <= most / 2 && bench.has_time(); count *= 2) {
    std::set<std::string> kept;
    for (const auto& [with, names] : alike)
      for (const std::string& name : spread(names, count)) kept.insert(name);
    Case candidate = bench.smallest();
    std::erase_if(candidate.deeds, [&](const ScheduledAction& deed) {
      const auto* command = std::get_if<Command>(&deed.action);
      return command != nullptr && !kept.contains(verb_and_name(command->line).second);
    });
    if (bench.offer(std::move(candidate))) return true;
  }
  return false;
}

}  // namespace

bool leap(Workbench& bench) {
  bool any = false;
  const Case& example = bench.smallest();
  if (running(example).size() <= few_nodes && example.deeds.size() <= few_commands) return false;
  for (const auto pass : {end_early, keep_few_nodes, keep_few_commands, end_early}) any |= pass(bench);
  return any;
}

}  // namespace peerbed::scenarios
