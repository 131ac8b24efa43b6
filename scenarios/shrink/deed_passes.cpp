#include "scenarios/shrink/deed_passes.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "scenarios/shrink/leave_out.h"
#include "scenarios/shrink/round_numbers.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_in_pairs = 12;  // deeds of which any two are left out together

Case without_deeds(Case example, const std::vector<std::size_t>& numbers) {
  erase_at(example.deeds, numbers);
  return example;
}

// The node that a deed is done to, if it is one alone.
NodeIndex only_node(const ScheduledAction& deed) {
  const Nodes* nodes = nodes_of(deed.action);
  return nodes != nullptr && nodes->size() == 1 ? nodes->front() : no_node;
}

std::vector<std::size_t> deeds_where(const Case& example, const std::function<bool(const ScheduledAction&)>& is_meant) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < example.deeds.size(); ++i)
    if (is_meant(example.deeds[i])) numbers.push_back(i);
  return numbers;
}

}  // namespace

bool drop_deeds(Workbench& bench) {
  bool any = false;
  const auto drop = [&](const std::function<bool(const ScheduledAction&)>& is_meant) {
    const std::vector<std::size_t> numbers = deeds_where(bench.smallest(), is_meant);
    if (!numbers.empty()) any |= bench.offer(without_deeds(bench.smallest(), numbers));
  };
  std::set<std::size_t> verbs;
  std::set<NodeIndex> nodes;
  for (const ScheduledAction& deed : bench.smallest().deeds) {
    verbs.insert(deed.action.index());
    if (const NodeIndex node = only_node(deed); node != no_node) nodes.insert(node);
  }
  for (const std::size_t verb : verbs) drop([&](const ScheduledAction& deed) { return deed.action.index() == verb; });
  any |= leave_out(
      bench, [&] { return bench.smallest().deeds.size(); }, without_deeds);
  for (const NodeIndex node : nodes) {
    // A node that is started is started still.
    drop([&](const ScheduledAction& deed) { return only_node(deed) == node; });
    drop([&](const ScheduledAction& deed) {
      return only_node(deed) == node && !std::holds_alternative<StartNodes>(deed.action);
    });
  }
  for (std::size_t i = bench.smallest().deeds.size(); i > 1; --i)
    for (std::size_t j = i - 1; j > 0; --j) {
      const std::size_t count = bench.smallest().deeds.size();
      if (count > most_in_pairs || i > count || j > count) continue;
      any |= bench.offer(without_deeds(bench.smallest(), {j - 1, i - 1}));
    }
  return any;
}

bool narrow_deeds(Workbench& bench) {
  bool any = false;
  for (std::size_t i = 0; i < bench.smallest().deeds.size(); ++i) {
    const auto narrow = [&](auto member_of) {
      const auto side = [&]() -> const Nodes* {
        Case& example = const_cast<Case&>(bench.smallest());
        return member_of(example.deeds[i].action);
      };
      if (side() == nullptr) return;
      any |= leave_out(
          bench, [&] { return side()->size(); },
          [&](Case example, const std::vector<std::size_t>& numbers) {
            Nodes& nodes = *member_of(example.deeds[i].action);
            if (numbers.size() < nodes.size()) erase_at(nodes, numbers);
            return example;
          });
    };
    narrow([](Action& action) -> Nodes* {
      if (auto* cut = std::get_if<Partition>(&action)) return &cut->from;
      auto* clog = std::get_if<Clog>(&action);
      return clog == nullptr ? nullptr : &clog->from;
    });
    narrow([](Action& action) -> Nodes* {
      if (auto* cut = std::get_if<Partition>(&action)) return &cut->to;
      auto* clog = std::get_if<Clog>(&action);
      return clog == nullptr ? nullptr : &clog->to;
    });
    const auto round = [&](auto member_of) {
      for (const int digits : {1, 2}) {
        Case example = bench.smallest();
        Duration* length = member_of(example.deeds[i].action);
        if (length == nullptr) return;
        for (const std::int64_t value : rounded(length->count(), digits)) {
          *length = Duration(value);
          if (!bench.offer(example)) continue;
          any = true;
          return;
        }
      }
    };
    round([](Action& action) -> Duration* {
      if (auto* clog = std::get_if<Clog>(&action)) return &clog->length;
      if (auto* clock = std::get_if<SetClock>(&action)) return &clock->offset;
      auto* message = std::get_if<ChangeMessage>(&action);
      return message == nullptr ? nullptr : &message->deed.by;
    });
  }
  return any;
}

bool shorten_commands(Workbench& bench) {
  std::map<std::string, std::size_t> words;  // arguments, by how often they are used
  for (const ScheduledAction& deed : bench.smallest().deeds)
    if (const auto* command = std::get_if<Command>(&deed.action)) {
      std::size_t at = command->line.find(' ');
      while (at != std::string::npos) {
        const std::size_t end = command->line.find(' ', at + 1);
        const std::string word = command->line.substr(at + 1, end == std::string::npos ? end : end - at - 1);
        if (!word.empty()) ++words[word];
        at = end;
      }
    }
  bool any = false;
  const auto replaced = [](Case example, const std::string& word, const std::string& by) {
    for (ScheduledAction& deed : example.deeds)
      if (auto* command = std::get_if<Command>(&deed.action)) {
        std::string line = command->line + " ";
        for (std::size_t at = line.find(" " + word + " "); at != std::string::npos;
             at = line.find(" " + word + " ", at + by.size() + 1))
          line.replace(at + 1, word.size(), by);
        line.pop_back();
        command->line = line;
      }
    return example;
  };
  for (const auto& [word, uses] : words) {
    const bool is_number = parse_count(word).has_value();
    for (const char* letter : {"a", "b", "c", "d"}) {
      const std::string by = is_number ? std::to_string(letter[0] - 'a') : letter;
      if (word.size() < by.size() || word == by) break;
      if (!bench.offer(replaced(bench.smallest(), word, by))) continue;
      any = true;
      break;
    }
  }
  return any;
}

bool move_deeds(Workbench& bench) {
  bool any = false;
  for (std::size_t i = 0; i < bench.smallest().deeds.size() && i < most_in_pairs; ++i) {
    const NodeIndex present = only_node(bench.smallest().deeds[i]);
    if (present == no_node) continue;
    for (NodeIndex node = 0; node < present && node < bench.smallest().nodes.size(); ++node) {
      if (bench.smallest().nodes[node].off) continue;
      Case candidate = bench.smallest();
      *nodes_of(candidate.deeds[i].action) = {node};
      if (!bench.offer(std::move(candidate))) continue;
      any = true;
      break;
    }
  }
  return any;
}

}  // namespace peerbed::scenarios
