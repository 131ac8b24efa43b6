#include "scenarios/plan/scenario_words.h"

#include <algorithm>

#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t entries_told = 12;       // per list
constexpr std::size_t longest_sentence = 240;  // bytes

std::string words_of_value(const Value& value, bool is_inner);

std::string with_blanks(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string words_of_entries(const Value& map) {
  std::string words;
  for (const Entry& entry : map.entries) {
    words.append(words.empty() ? "" : ", ").append(with_blanks(entry.key.scalar));
    if (entry.value.kind != Value::Kind::nothing) words.append(" ").append(words_of_value(entry.value, true));
  }
  return words;
}

// A map within a map reads "weibull (shape 0.6, scale 20s)".
std::string words_of_value(const Value& value, bool is_inner) {
  switch (value.kind) {
    case Value::Kind::nothing:
      return "";
    case Value::Kind::scalar:
      return value.scalar;
    case Value::Kind::sequence: {
      std::string words;
      for (const Value& element : value.elements)
        words.append(words.empty() ? "" : ", ").append(words_of_value(element, true));
      return words;
    }
    case Value::Kind::map:
      break;
  }
  const bool needs_brackets = is_inner && value.entries.size() > 1;
  return needs_brackets ? "(" + words_of_entries(value) + ")" : words_of_entries(value);
}

std::string cut(std::string sentence) {
  if (sentence.size() <= longest_sentence) return sentence;
  std::size_t end = longest_sentence;
  while (end > 0 && (static_cast<unsigned char>(sentence[end]) & 0xC0) == 0x80) --end;  // whole characters
  return sentence.substr(0, end) + "...";
}

std::string words_of_group(const Group& group, const Value* written) {
  std::string words = show_counted(group.plan.count, "node") + " of ";
  words.append(group.protocol->name()).append(" in group ").append(group.plan.name);
  if (group.plan.start == StartMode::joining)
    words += ", joining one by one from " + write_duration(group.joining.at) + ", " +
             write_duration(group.joining.spacing) + " apart";
  if (group.plan.start == StartMode::never) words += ", initially not started";
  if (group.plan.start == StartMode::converged && group.plan.established)
    words += ", of which " + show_count(group.plan.established->size()) + " run from the beginning";
  for (const char* key : {"uplink", "downlink", "nat", "firewall", "storage", "options"})
    if (const Value* value = written == nullptr ? nullptr : written->find(key))
      words.append("; ").append(key).append(" ").append(words_of_value(*value, false));
  return words;
}

// Adds a sentence for each entry of a top-level list.
void add_list(const Value& root, const char* key, const char* title, std::vector<std::string>& sentences) {
  const Value* list = root.find(key);
  if (list == nullptr || list->kind != Value::Kind::sequence) return;
  const std::size_t told = std::min(list->elements.size(), entries_told);
  for (std::size_t i = 0; i < told; ++i)
    sentences.push_back(cut(std::string(title) + ": " + words_of_value(list->elements[i], false)));
  if (told < list->elements.size())
    sentences.push_back(std::string(title) + ": and " + show_count(list->elements.size() - told) + " more");
}

}  // namespace

std::vector<std::string> words_of(const Scenario& scenario) {
  const Value& root = scenario.document.root;
  const Value* groups = root.find("groups");
  std::vector<std::string> sentences;
  for (const Group& group : scenario.groups)
    sentences.push_back(cut(words_of_group(group, groups == nullptr ? nullptr : groups->find(group.plan.name))));
  if (const Value* network = root.find("network"))
    sentences.push_back(cut("network: " + words_of_value(*network, false)));
  add_list(root, "workload", "workload", sentences);
  add_list(root, "churn", "churn", sentences);
  add_list(root, "faults", "fault", sentences);
  sentences.push_back("runs for " + write_duration(scenario.duration));
  return sentences;
}

}  // namespace peerbed::scenarios
