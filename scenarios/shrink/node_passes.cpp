#include "scenarios/shrink/node_passes.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "scenarios/shrink/deed_passes.h"
#include "scenarios/shrink/leave_out.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t seeds_tried = 4;
constexpr std::size_t most_replaced = 12;  // deeds
constexpr std::size_t most_folded = 8;     // running nodes, of which any may give the commands of another

Nodes idle(const Case& example) {
  const Nodes busy = running(example);
  Nodes nodes;
  for (NodeIndex node = 0; node < example.nodes.size(); ++node)
    if (!std::binary_search(busy.begin(), busy.end(), node)) nodes.push_back(node);
  return nodes;
}

Case removed(const Case& example, const Nodes& nodes, bool in_commands) {
  std::vector<NodeIndex> numbers;
  NodeIndex next = 0;
  for (NodeIndex node = 0; node < example.nodes.size(); ++node)
    numbers.push_back(std::binary_search(nodes.begin(), nodes.end(), node) ? no_node : next++);
  return renumbered(example, std::move(numbers), in_commands);
}

// In place of a deed, and of the one that undoes it, another node joins.
bool join_instead(Workbench& bench) {
  bool any = false;
  const Nodes nodes = running(bench.smallest());
  if (nodes.size() > most_folded || bench.smallest().deeds.size() > most_replaced) return false;
  for (std::size_t place = 0; place < bench.smallest().deeds.size(); ++place)
    for (const NodeIndex node : nodes) {
      Case candidate = bench.smallest();
      ScheduledAction& deed = candidate.deeds[place];
      if (std::holds_alternative<StartNodes>(deed.action) || std::holds_alternative<Command>(deed.action)) break;
      if (!candidate.nodes[node].from_the_start) continue;
      const auto undone =
          std::find_if(candidate.deeds.begin() + static_cast<std::ptrdiff_t>(place) + 1, candidate.deeds.end(),
                       [&](const ScheduledAction& later) { return undoes(later.action, deed.action); });
      candidate.nodes[node].from_the_start = false;
      deed.action = StartNodes{{node}};
      if (undone != candidate.deeds.end()) candidate.deeds.erase(undone);
      if (!bench.offer(std::move(candidate))) continue;
      any = true;
      break;
    }
  return any;
}

}  // namespace

bool stop_nodes(Workbench& bench) {
  return leave_out(
      bench, [&] { return running(bench.smallest()).size(); },
      [](const Case& example, const std::vector<std::size_t>& places) {
        const Nodes nodes = running(example);
        Nodes stopped;
        for (const std::size_t place : places) stopped.push_back(nodes[place]);
        return without_starting(example, stopped);
      },
      seeds_tried);
}

bool fold_nodes(Workbench& bench) {
  bool any = false;
  const Nodes nodes = running(bench.smallest());
  if (nodes.size() > most_folded) return false;
  for (auto from = nodes.rbegin(); from != nodes.rend(); ++from)
    for (const NodeIndex to : nodes) {
      if (to == *from) continue;
      Case candidate = bench.smallest();
      bool gives_commands = false;
      for (ScheduledAction& deed : candidate.deeds)
        if (auto* command = std::get_if<Command>(&deed.action); command != nullptr && command->nodes == Nodes{*from}) {
          command->nodes = {to};
          gives_commands = true;
        }
      if (!gives_commands) break;
      if (!bench.offer(without_starting(std::move(candidate), {*from}))) continue;
      any = true;
      break;
    }
  return any;
}

bool start_at_once(Workbench& bench) {
  bool any = false;
  for (const NodeIndex node : running(bench.smallest())) {
    if (bench.smallest().nodes[node].from_the_start) continue;
    Case candidate = bench.smallest();
    candidate.nodes[node].from_the_start = true;
    const auto start =
        std::find_if(candidate.deeds.begin(), candidate.deeds.end(), [node](const ScheduledAction& deed) {
          const auto* starts = std::get_if<StartNodes>(&deed.action);
          return starts != nullptr && starts->nodes == Nodes{node};
        });
    if (start == candidate.deeds.end()) continue;
    candidate.deeds.erase(start);
    any |= bench.offer(std::move(candidate));
  }
  return any;
}

// Which node it is that joins may matter, so each is tried.
bool start_later(Workbench& bench) {
  bool any = join_instead(bench);
  for (const NodeIndex node : running(bench.smallest())) {
    if (!bench.smallest().nodes[node].from_the_start) continue;
    const auto is_done_to_it = [node](const ScheduledAction& deed) {
      const Nodes* nodes = nodes_of(deed.action);
      return nodes != nullptr && *nodes == Nodes{node} && !std::holds_alternative<Command>(deed.action);
    };
    Case candidate = bench.smallest();
    candidate.nodes[node].from_the_start = false;
    const auto stop = std::find_if(candidate.deeds.begin(), candidate.deeds.end(), is_done_to_it);
    if (stop == candidate.deeds.end()) continue;
    const bool stops =
        std::holds_alternative<CrashNodes>(stop->action) || std::holds_alternative<LeaveNodes>(stop->action);
    if (!stops) continue;
    const auto again = std::find_if(stop + 1, candidate.deeds.end(), is_done_to_it);
    if (again != candidate.deeds.end() && std::holds_alternative<StartNodes>(again->action))
      candidate.deeds.erase(stop);
    else
      stop->action = StartNodes{{node}};
    any |= bench.offer(std::move(candidate));
  }
  return any;
}

bool remove_idle_nodes(Workbench& bench) {
  bool any = false;
  for (const bool in_commands : {false, true})
    any |= leave_out(
        bench, [&] { return idle(bench.smallest()).size(); },
        [in_commands](const Case& example, const std::vector<std::size_t>& places) {
          const Nodes nodes = idle(example);
          Nodes gone;
          for (const std::size_t place : places) gone.push_back(nodes[place]);
          return removed(example, gone, in_commands);
        });
  // With other numbers the nodes draw otherwise, so that another seed may do.
  for (std::uint64_t seed = 1; seed <= seeds_tried && bench.size().idle > 0; ++seed) {
    Case candidate = removed(bench.smallest(), idle(bench.smallest()), true);
    set_entry(candidate.rest, "seed", scalar_value(std::to_string(seed)));
    any |= bench.offer(std::move(candidate));
  }
  return any;
}

bool order_nodes(Workbench& bench) {
  const Case& example = bench.smallest();
  std::vector<std::size_t> order(example.nodes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Case::Node& one = example.nodes[a];
    const Case::Node& other = example.nodes[b];
    if (one.kind != other.kind || one.listed.empty()) return one.kind < other.kind;
    return parse_count(one.listed.front().scalar) < parse_count(other.listed.front().scalar);
  });
  std::vector<NodeIndex> numbers(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) numbers[order[i]] = static_cast<NodeIndex>(i);
  return bench.offer(renumbered(example, std::move(numbers), true));
}

}  // namespace peerbed::scenarios
