#include <algorithm>
#include <map>
#include <vector>

#include "scenarios/shrink/shrink.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_steps = 12;    // in a sentence
constexpr std::size_t most_messages = 4;  // of these, the last ones

std::string words_of(const SliceStep& step, const Scenario& scenario) {
  static const std::map<std::string, std::string, std::less<>> verbs{{"start", "joins"},
                                                                     {"crash", "dies"},
                                                                     {"leave", "leaves"},
                                                                     {"pause", "stands still"},
                                                                     {"resume", "goes on"},
                                                                     {"lie", "lies"},
                                                                     {"clock", "gets another clock"},
                                                                     {"storage", "gets another disk"},
                                                                     {"clog", "is clogged"}};
  const auto name = [&](NodeIndex node) { return node == no_node ? std::string("some") : scenario.name_of(node); };
  if (!step.is_deed) return name(step.from) + " sends " + name(step.node) + " a " + step.word;
  if (step.word.starts_with("lose ") || step.word.starts_with("double ") || step.word.starts_with("delay ")) {
    const std::size_t blank = step.word.find(' ');
    const std::string kind = step.word.substr(blank + 1);
    const std::string fate = step.word.starts_with("lose")     ? " is lost"
                             : step.word.starts_with("double") ? " arrives twice"
                                                               : " is late";
    return (kind == "any" ? "a message" : "a " + kind) + " from " + name(step.from) + " to " + name(step.node) + fate;
  }
  if (step.word == "partition") return name(step.node) + (step.node == no_node ? " are" : " is") + " cut off";
  if (step.word == "heal") return "the partition heals";
  if (step.word == "network") return "the network changes";
  if (const auto verb = verbs.find(step.word); verb != verbs.end()) return name(step.node) + " " + verb->second;
  return name(step.node) + " is told to " + step.word;
}

}  // namespace

std::string sentence_of(const ShrinkResult& result) {
  std::string sentence;
  std::vector<SliceStep> slice;
  for (const SliceStep& step : result.signature.slice)
    if (step.is_deed) slice.push_back(step);
  const std::size_t shown = std::min(result.decisive.size(), most_messages);
  slice.insert(slice.end(), result.decisive.end() - static_cast<std::ptrdiff_t>(shown), result.decisive.end());
  std::stable_sort(slice.begin(), slice.end(), [](const SliceStep& a, const SliceStep& b) { return a.at < b.at; });
  for (std::size_t i = 0; i < slice.size() && i < most_steps; ++i)
    sentence += (i == 0 ? "" : ", ") + words_of(slice[i], *result.scenario);
  if (slice.size() > most_steps) sentence += ", and more happens";
  return sentence + (sentence.empty() ? "" : "; ") + result.failure.what + ".";
}

}  // namespace peerbed::scenarios
