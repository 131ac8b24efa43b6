#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <vector>

#include "scenarios/shrink/shrink.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_steps = 12;    // in a sentence
constexpr std::size_t most_messages = 4;  // of these, the last ones

// What happens to a node, or what is done to the surroundings of some.
std::string words_of(const SliceStep& step, const ShrinkResult& result, bool has_stopped) {
  static const std::map<std::string, std::string, std::less<>> verbs{{"crash", " crashes"},
                                                                     {"leave", " leaves"},
                                                                     {"pause", " pauses"},
                                                                     {"resume", " resumes"},
                                                                     {"lie", " sends damaged messages"},
                                                                     {"clock", "'s clock changes"},
                                                                     {"storage", "'s disk changes"},
                                                                     {"partition", " is cut off"},
                                                                     {"clog", "'s messages are held back"},
                                                                     {"rate", "'s link changes its rate"}};
  static const std::map<std::string, std::string, std::less<>> events{
      {"partition", "some nodes are cut off"}, {"clog", "messages of some nodes are held back"},
      {"heal", "the partition heals"},         {"network", "the network changes"},
      {"clock", "some clocks change"},         {"rate", "a link changes its rate"}};
  static const std::map<std::string, std::string, std::less<>> fates{
      {"lose", " is lost"}, {"double", " arrives twice"}, {"delay", " is delayed"}};
  const std::string name = step.node == no_node ? std::string() : name_in_sentence(step.node, result);
  const std::string first = step.word.substr(0, step.word.find(' '));
  if (step.from != no_node) {
    const std::string from = name_in_sentence(step.from, result);
    if (!step.is_deed) return from + "'s " + readable(step.word) + " reaches " + name;
    const std::string kind = step.word.substr(first.size() + 1);
    return "the " + (kind == "any" ? "message" : readable(kind)) + " from " + from + " to " + name + fates.at(first);
  }
  if (step.node == no_node) {
    const auto event = events.find(first);
    return event == events.end() ? "the surroundings change" : event->second;
  }
  if (first == "start") {
    const bool joins = result.scenario->group_of(step.node).protocol->knows_bootstrap();
    return name + (has_stopped ? " comes back" : joins ? " joins" : " starts");
  }
  if (const auto verb = verbs.find(first); verb != verbs.end() && step.line.empty()) return name + verb->second;
  return name + " is told to `" + step.line + "`";
}

}  // namespace

std::string readable(std::string_view kind) {
  std::string words(kind);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// As what was found calls it, so that both can be read together.
std::string name_in_sentence(NodeIndex node, const ShrinkResult& result) {
  const Scenario& scenario = *result.scenario;
  const bool is_numbered =
      scenario.groups.size() == 1 && result.failure.what.find(scenario.name_of(node)) == std::string::npos;
  const bool is_called_node = result.failure.what.find("node ") != std::string::npos;
  return is_numbered || is_called_node ? "node " + std::to_string(node) : scenario.name_of(node);
}

std::string sentence_of(const ShrinkResult& result) {
  std::vector<SliceStep> slice = result.signature.slice;
  const std::size_t shown = std::min(result.decisive.size(), most_messages);
  slice.insert(slice.end(), result.decisive.end() - static_cast<std::ptrdiff_t>(shown), result.decisive.end());
  std::stable_sort(slice.begin(), slice.end(), [](const SliceStep& a, const SliceStep& b) { return a.at < b.at; });
  std::string sentence;
  std::set<NodeIndex> stopped;
  for (std::size_t i = 0; i < slice.size() && i < most_steps; ++i) {
    const SliceStep& step = slice[i];
    sentence += (i == 0 ? "" : ", ") + words_of(step, result, stopped.contains(step.node));
    if (step.is_deed && (step.word == "crash" || step.word == "leave")) stopped.insert(step.node);
  }
  if (slice.size() > most_steps) sentence += ", and so on";
  const bool is_expected = result.failure.kind == Failure::Kind::expectation;
  const std::string found =
      is_expected ? result.failure.property + " is not met (" + result.failure.what + ")" : result.failure.what;
  sentence += (sentence.empty() ? "" : "; then ") + found + ".";
  sentence.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence.front())));
  return sentence;
}

}  // namespace peerbed::scenarios
