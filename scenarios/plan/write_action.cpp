#include "scenarios/plan/write_action.h"

#include <array>
#include <charconv>

#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

// Runs of consecutive nodes are written as "4-17".
Value write_nodes(const Nodes& nodes) {
  std::vector<Value> words;
  for (std::size_t i = 0; i < nodes.size();) {
    std::size_t end = i + 1;
    while (end < nodes.size() && nodes[end] == nodes[end - 1] + 1) ++end;
    std::string word = std::to_string(nodes[i]);
    if (end - i > 1) word.append("-").append(std::to_string(nodes[end - 1]));
    words.push_back(scalar_value(std::move(word)));
    i = end;
  }
  if (words.size() == 1) return std::move(words.front());
  return sequence_value(std::move(words));
}

// The shortest percentage that is read back as the same number.
std::string write_share(double share) {
  std::array<char, 40> buffer{};
  for (int digits = 1; digits < 20; ++digits) {
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), share * 100, std::chars_format::fixed, digits).ptr;
    std::string text(buffer.data(), end);
    text += '%';
    if (parse_probability(text) == share) return text;
  }
  return std::string(buffer.data()) + "%";
}

class Writer {
 public:
  explicit Writer(const Scenario& scenario) : scenario_(scenario) {}

  Value write(const Action& action) {
    add("at", write_duration(action.at));
    std::visit(*this, action.deed);
    return map_value(std::move(entries_));
  }

  void operator()(const StartNodes& deed) { add("start", write_nodes(deed.nodes)); }
  void operator()(const CrashNodes& deed) {
    add("crash", write_nodes(deed.nodes));
    if (deed.disk == Disk::wipe) add("disk", "wipe");
  }
  void operator()(const LeaveNodes& deed) { add("leave", write_nodes(deed.nodes)); }
  void operator()(const PauseNodes& deed) { add("pause", write_nodes(deed.nodes)); }
  void operator()(const ResumeNodes& deed) { add("resume", write_nodes(deed.nodes)); }
  void operator()(const Command& deed) {
    add("command", write_nodes(deed.nodes));
    add("do", deed.line);
  }
  void operator()(const Partition& deed) {
    add("partition", write_nodes(deed.from));
    if (!deed.to.empty()) add("against", write_nodes(deed.to));
    if (deed.one_way) add("one_way", "true");
    add("name", deed.name);
  }
  void operator()(const Heal& deed) { add("heal", deed.name.empty() ? "all" : deed.name); }
  void operator()(const Clog& deed) {
    add("clog", write_nodes(deed.from));
    if (!deed.to.empty()) add("against", write_nodes(deed.to));
    add("for", write_duration(deed.length));
  }
  void operator()(const ChangeNetwork& deed) {
    add("network", deed.restore ? scalar_value("restored") : deed.change.written);
    if (deed.from) add("from", scenario_.groups[*deed.from].plan.name);
    if (deed.to) add("to", scenario_.groups[*deed.to].plan.name);
  }
  void operator()(const SetClock& deed) {
    add("clock", write_nodes(deed.nodes));
    add("offset", write_duration(deed.offset));
    add("drift", std::to_string(deed.drift_ppb) + "ppb");
  }
  void operator()(const Lie& deed) {
    add("lie", write_nodes(deed.nodes));
    add("share", write_share(deed.probability));
  }
  void operator()(const ChangeStorage& deed) {
    add("storage", write_nodes(deed.nodes));
    if (deed.restore) add("restored", "true");
    if (deed.change.rate) add("rate", std::to_string(deed.change.rate->bits_per_second) + "bit/s");
    if (deed.change.latency) add("latency", write_duration(*deed.change.latency));
    if (deed.change.capacity) add("capacity", std::to_string(*deed.change.capacity) + "B");
    if (deed.change.failing) add("failing", write_share(*deed.change.failing));
  }

 private:
  void add(const char* key, Value value) { entries_.emplace_back(key, std::move(value)); }
  void add(const char* key, std::string text) { add(key, scalar_value(std::move(text))); }

  const Scenario& scenario_;
  std::vector<std::pair<std::string, Value>> entries_;
};

}  // namespace

Value write_action(const Action& action, const Scenario& scenario) { return Writer(scenario).write(action); }

}  // namespace peerbed::scenarios
