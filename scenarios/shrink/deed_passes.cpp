#include "scenarios/shrink/deed_passes.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include "scenarios/shrink/leave_out.h"
#include "scenarios/shrink/round_numbers.h"
#include "scenarios/text/overloaded.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_moved = 12;  // deeds

using Places = std::vector<std::size_t>;  // of deeds, ascending

Case without_deeds(Case example, const Places& places) {
  erase_at(example.deeds, places);
  return example;
}

// Each deed with the one that undoes it.
std::vector<Places> undone_pairs(const Case& example) {
  std::vector<Places> pairs;
  for (std::size_t i = 0; i < example.deeds.size(); ++i) {
    const Action& action = example.deeds[i].action;
    if (std::holds_alternative<Command>(action) || std::holds_alternative<ChangeMessage>(action)) continue;
    const auto end = std::find_if(example.deeds.begin() + static_cast<std::ptrdiff_t>(i) + 1, example.deeds.end(),
                                  [&](const auto& later) { return undoes(later.action, example.deeds[i].action); });
    if (end != example.deeds.end()) pairs.push_back({i, static_cast<std::size_t>(end - example.deeds.begin())});
  }
  return pairs;
}

// The node that a deed is done to, if it is one alone.
NodeIndex only_node(const ScheduledAction& deed) {
  const Nodes* nodes = nodes_of(deed.action);
  return nodes != nullptr && nodes->size() == 1 ? nodes->front() : no_node;
}

// One side of a partition or clog; null for other actions.
Nodes* side_of(Action& action, bool is_from) {
  if (auto* cut = std::get_if<Partition>(&action)) return is_from ? &cut->from : &cut->to;
  if (auto* clog = std::get_if<Clog>(&action)) return is_from ? &clog->from : &clog->to;
  return nullptr;
}

std::vector<Action> simpler_than(const Action& action) {
  if (const auto* crash = std::get_if<CrashNodes>(&action); crash != nullptr && crash->disk == Disk::wipe)
    return {CrashNodes{crash->nodes}};
  if (const auto* leave = std::get_if<LeaveNodes>(&action)) return {CrashNodes{leave->nodes}};
  return {};
}

// Any two, where one alone does not go because of the other.
bool drop_two(Workbench& bench) {
  bool any = false;
  if (bench.smallest().deeds.size() > most_moved) return false;
  for (std::size_t second = bench.smallest().deeds.size(); second-- > 1;)
    for (std::size_t first = second; first-- > 0 && second < bench.smallest().deeds.size();)
      any |= bench.offer(without_deeds(bench.smallest(), {first, second}));
  return any;
}

std::string first_word(const std::string& line) { return line.substr(0, line.find(' ')); }

// Commands of other verbs, as the original has them.
bool other_commands(Workbench& bench) {
  bool any = false;
  for (std::size_t place = 0; place < std::min(bench.smallest().deeds.size(), most_moved); ++place)
    for (const std::string& line : bench.commands()) {
      Case candidate = bench.smallest();
      auto* command = std::get_if<Command>(&candidate.deeds[place].action);
      if (command == nullptr) break;
      if (first_word(line) == first_word(command->line)) continue;
      command->line = line;
      any |= bench.offer(std::move(candidate));
    }
  return any;
}

bool narrow_side(Workbench& bench, std::size_t place, bool is_from) {
  return leave_out(
      bench,
      [&] {
        Action action = bench.smallest().deeds[place].action;
        const Nodes* side = side_of(action, is_from);
        return side == nullptr ? std::size_t{0} : side->size();
      },
      [&](Case example, const Places& places) {
        Nodes& side = *side_of(example.deeds[place].action, is_from);
        if (places.size() < side.size()) erase_at(side, places);
        return example;
      });
}

}  // namespace

bool undoes(const Action& later, const Action& earlier) {
  const auto is_of_same_nodes = [&] {
    const Nodes* nodes = nodes_of(earlier);
    return nodes != nullptr && nodes_of(later) != nullptr && *nodes == *nodes_of(later);
  };
  return std::visit(
      overloaded{[&](const StartNodes&) {
                   return is_of_same_nodes() &&
                          (std::holds_alternative<CrashNodes>(earlier) || std::holds_alternative<LeaveNodes>(earlier));
                 },
                 [&](const ResumeNodes&) { return std::holds_alternative<PauseNodes>(earlier) && is_of_same_nodes(); },
                 [&](const Heal& heal) {
                   const auto* cut = std::get_if<Partition>(&earlier);
                   return cut != nullptr && cut->name == heal.name;
                 },
                 [&](const ChangeNetwork& change) {
                   const auto* before = std::get_if<ChangeNetwork>(&earlier);
                   return change.restore && before != nullptr && before->from == change.from && before->to == change.to;
                 },
                 [&](const SetClock& clock) {
                   return clock.offset == Duration::zero() && clock.drift_ppb == 0 &&
                          std::holds_alternative<SetClock>(earlier) && is_of_same_nodes();
                 },
                 [&](const Lie& lie) {
                   return lie.probability == 0 && std::holds_alternative<Lie>(earlier) && is_of_same_nodes();
                 },
                 [&](const ChangeStorage& change) {
                   return change.restore && std::holds_alternative<ChangeStorage>(earlier) && is_of_same_nodes();
                 },
                 [](const auto&) { return false; }},
      later);
}

bool drop_deeds(Workbench& bench) {
  bool any = false;
  std::set<std::size_t> verbs;
  for (const ScheduledAction& deed : bench.smallest().deeds) verbs.insert(deed.action.index());
  for (const std::size_t verb : verbs) {
    Case candidate = bench.smallest();
    std::erase_if(candidate.deeds, [verb](const ScheduledAction& deed) { return deed.action.index() == verb; });
    any |= bench.offer(std::move(candidate));
  }
  any |= leave_out(
      bench, [&] { return undone_pairs(bench.smallest()).size(); },
      [](const Case& example, const Places& numbers) {
        const std::vector<Places> pairs = undone_pairs(example);
        std::set<std::size_t> places;
        for (const std::size_t number : numbers) places.insert(pairs[number].begin(), pairs[number].end());
        return without_deeds(example, Places(places.begin(), places.end()));
      });
  any |= leave_out(
      bench, [&] { return bench.smallest().deeds.size(); }, without_deeds);
  return any | drop_two(bench);
}

bool narrow_deeds(Workbench& bench) {
  bool any = false;
  for (std::size_t place = 0; place < bench.smallest().deeds.size() && bench.has_time(); ++place) {
    for (const bool is_from : {true, false}) any |= narrow_side(bench, place, is_from);
    any |= offer_rounder(bench, [place](Case& example) { return length_of(example.deeds[place].action); });
  }
  return any;
}

bool simplify_deeds(Workbench& bench) {
  bool any = false;
  for (std::size_t place = 0; place < bench.smallest().deeds.size() && bench.has_time(); ++place)
    for (const Action& simpler : simpler_than(bench.smallest().deeds[place].action)) {
      Case candidate = bench.smallest();
      candidate.deeds[place].action = simpler;
      if (!bench.offer(std::move(candidate))) continue;
      any = true;
      break;
    }
  return any;
}

bool move_deeds(Workbench& bench) {
  bool any = false;
  const Nodes nodes = running(bench.smallest());
  for (std::size_t place = 0; place < std::min(bench.smallest().deeds.size(), most_moved); ++place)
    for (const NodeIndex node : nodes) {
      if (node >= only_node(bench.smallest().deeds[place])) break;
      Case candidate = bench.smallest();
      if (Nodes* acted = nodes_of(candidate.deeds[place].action); acted != nullptr && acted->size() == 1)
        *acted = {node};
      else
        break;
      if (!bench.offer(std::move(candidate))) continue;
      any = true;
      break;
    }
  return any;
}

bool shorten_commands(Workbench& bench) {
  bool any = other_commands(bench);
  std::set<std::string> words;  // arguments
  for (const ScheduledAction& deed : bench.smallest().deeds)
    if (const auto* command = std::get_if<Command>(&deed.action)) {
      std::istringstream line(command->line);
      std::string word;
      for (line >> word; line >> word;) words.insert(word);
    }
  for (const std::string& word : std::vector<std::string>(words.begin(), words.end()))
    for (const char letter : {'a', 'b', 'c', 'd'}) {
      if (!bench.has_time()) return any;
      const std::string by = parse_count(word) ? std::to_string(letter - 'a') : std::string(1, letter);
      if (words.contains(by)) continue;  // what differs goes on to differ
      Case candidate = bench.smallest();
      for (ScheduledAction& deed : candidate.deeds)
        if (auto* command = std::get_if<Command>(&deed.action)) command->line = with_argument(command->line, word, by);
      if (!bench.offer(std::move(candidate))) continue;
      words.erase(word);
      words.insert(by);
      any = true;
      break;
    }
  return any;
}

}  // namespace peerbed::scenarios
