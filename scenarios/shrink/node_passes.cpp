#include "scenarios/shrink/node_passes.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "scenarios/shrink/leave_out.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
bool stop_nodes(Workbench& bench) {
  const auto running = [](const Case& example) {
    std::vector<NodeIndex> nodes;
    for (std::size_t i = 0; i < example.nodes.size(); ++i)
      if (!example.nodes[i].off) nodes.push_back(static_cast<NodeIndex>(i));
    return nodes;
  };
  bool any = leave_out(
      bench, [&] { return running(bench.smallest()).size(); },
      [&](Case example, const std::vector<std::size_t>& numbers) {
        const std::vector<NodeIndex> nodes = running(example);
        for (const std::size_t number : numbers) {
          if (number >= nodes.size()) continue;
          Case::Node& node = example.nodes[nodes[number]];
          node.off = true;
          node.from_the_start = false;
        }
        for (ScheduledAction& deed : example.deeds)
          if (Nodes* acted = nodes_of(deed.action))
            std::erase_if(*acted, [&](NodeIndex node) { return example.nodes[node].off; });
        std::erase_if(example.deeds, [&](const ScheduledAction& deed) {
          const Nodes* acted = nodes_of(deed.action);
          if (acted != nullptr) return acted->empty();
          const auto* message = std::get_if<ChangeMessage>(&deed.action);
          return message != nullptr &&
                 (example.nodes[message->deed.source].off || example.nodes[message->deed.destination].off);
        });
        return example;
      });
  // A node that joins may as well run from the start.
  for (std::size_t i = 0; i < bench.smallest().nodes.size(); ++i) {
    if (bench.smallest().nodes[i].off || bench.smallest().nodes[i].from_the_start) continue;
    Case candidate = bench.smallest();
    const auto start = std::find_if(candidate.deeds.begin(), candidate.deeds.end(), [i](const ScheduledAction& deed) {
      const auto* starts = std::get_if<StartNodes>(&deed.action);
      return starts != nullptr && starts->nodes == Nodes{static_cast<NodeIndex>(i)};
    });
    candidate.nodes[i].off = start == candidate.deeds.end();
    candidate.nodes[i].from_the_start = !candidate.nodes[i].off;
    if (start != candidate.deeds.end()) candidate.deeds.erase(start);
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
  return bench.offer(renumbered(example, std::move(numbers)));
}

bool remove_stopped_nodes(Workbench& bench) {
  if (bench.size().off == 0) return false;
  if (bench.offer(renumbered(bench.smallest()))) return true;
  bool any = false;
  for (std::size_t i = bench.smallest().nodes.size(); i > 0 && bench.has_time(); --i) {
    Case candidate = bench.smallest();
    if (i > candidate.nodes.size() || !candidate.nodes[i - 1].off) continue;
    for (std::size_t j = 0; j < candidate.nodes.size(); ++j) candidate.nodes[j].off = j == i - 1;
    candidate = renumbered(candidate);
    std::size_t next = 0;
    for (std::size_t j = 0; j < bench.smallest().nodes.size(); ++j)
      if (j != i - 1) candidate.nodes[next++].off = bench.smallest().nodes[j].off;
    any |= bench.offer(std::move(candidate));
  }
  return any;
}

}  // namespace peerbed::scenarios
