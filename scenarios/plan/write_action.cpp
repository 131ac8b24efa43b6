#include "scenarios/plan/write_action.h"

#include <array>
#include <charconv>

#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

// The shortest percentage that parses back to the same number.
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

  Value write(const ScheduledAction& scheduled) {
    add("at", write_duration(scheduled.at));
    std::visit(*this, scheduled.action);
    return map_value(std::move(entries_));
  }

  void operator()(const StartNodes& action) { add("start", write_nodes(action.nodes)); }
  void operator()(const CrashNodes& action) {
    add("crash", write_nodes(action.nodes));
    if (action.disk == Disk::wipe) add("disk", "wipe");
  }
  void operator()(const LeaveNodes& action) { add("leave", write_nodes(action.nodes)); }
  void operator()(const PauseNodes& action) { add("pause", write_nodes(action.nodes)); }
  void operator()(const ResumeNodes& action) { add("resume", write_nodes(action.nodes)); }
  void operator()(const Command& action) {
    add("command", write_nodes(action.nodes));
    add("do", action.line);
  }
  void operator()(const FireTimer& action) {
    add("fire", write_nodes(action.nodes));
    add("timer", action.timer);
  }
  void operator()(const Partition& action) {
    add("partition", write_nodes(action.from));
    if (!action.to.empty()) add("against", write_nodes(action.to));
    if (action.one_way) add("one_way", "true");
    add("name", action.name);
  }
  void operator()(const Heal& action) { add("heal", action.name.empty() ? "all" : action.name); }
  void operator()(const Clog& action) {
    add("clog", write_nodes(action.from));
    if (!action.to.empty()) add("against", write_nodes(action.to));
    add("for", write_duration(action.length));
  }
  void operator()(const ChangeNetwork& action) {
    add("network", action.restore ? scalar_value("restored") : action.change.written);
    if (action.from) add("from", scenario_.groups[*action.from].plan.name);
    if (action.to) add("to", scenario_.groups[*action.to].plan.name);
  }
  void operator()(const ChangeMessage& action) {
    const sim::MessageDeed& deed = action.deed;
    const auto kinds = scenario_.group_of(deed.source).protocol->message_kinds();
    constexpr std::array verbs{"lose", "double", "delay"};
    add(verbs[static_cast<std::size_t>(deed.fate)], deed.kind ? std::string(kinds[*deed.kind]) : "any");
    add("from", std::to_string(deed.source));
    add("to", std::to_string(deed.destination));
    if (deed.nth != 1) add("nth", std::to_string(deed.nth));
    if (deed.fate == sim::MessageFate::delayed || deed.by != Duration::zero()) add("by", write_duration(deed.by));
  }
  void operator()(const ChangeRate& action) {
    add("rate", write_nodes(action.nodes));
    add_rate(action.rate);
    if (action.uplink != action.downlink) add("link", action.uplink ? "uplink" : "downlink");
  }
  void operator()(const ChangeLinkRate& action) {
    Value ends = sequence_value({scalar_value(std::to_string(action.from)), scalar_value(std::to_string(action.to))});
    std::vector<std::pair<std::string, Value>> link;
    link.emplace_back("between", std::move(ends));
    add("rate", map_value(std::move(link)));
    add_rate(action.rate);
    if (action.one_way) add("one_way", "true");
  }
  void operator()(const SetClock& action) {
    add("clock", write_nodes(action.nodes));
    add("offset", write_duration(action.offset));
    add("drift", std::to_string(action.drift_ppb) + "ppb");
  }
  void operator()(const Lie& action) {
    add("lie", write_nodes(action.nodes));
    add("share", write_share(action.probability));
  }
  void operator()(const ChangeStorage& action) {
    add("storage", write_nodes(action.nodes));
    if (action.restore) add("restored", "true");
    if (action.change.rate) add("rate", std::to_string(action.change.rate->bits_per_second) + "bit/s");
    if (action.change.latency) add("latency", write_duration(*action.change.latency));
    if (action.change.capacity) add("capacity", std::to_string(*action.change.capacity) + "B");
    if (action.change.failing) add("failing", write_share(*action.change.failing));
  }

 private:
  void add(const char* key, Value value) { entries_.emplace_back(key, std::move(value)); }
  void add(const char* key, std::string text) { add(key, scalar_value(std::move(text))); }

  void add_rate(const std::optional<sim::Rate>& rate) {
    add("to", rate ? std::to_string(rate->bits_per_second) + "bit/s" : "restored");
  }

  const Scenario& scenario_;
  std::vector<std::pair<std::string, Value>> entries_;
};

}  // namespace

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

Value write_action(const ScheduledAction& scheduled, const Scenario& scenario) {
  return Writer(scenario).write(scheduled);
}

}  // namespace peerbed::scenarios
