#include "scenarios/shrink/case_size.h"

#include <algorithm>
#include <tuple>
#include <variant>

#include "scenarios/shrink/round_numbers.h"
#include "scenarios/text/overloaded.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_commands = 20'000;  // a stream of commands counts as this many

// Messages that the network loses, doubles or delays by chance.
std::size_t drops_by_chance(const Value& rest) {
  const Value* network = rest.find("network");
  std::size_t drops = 0;
  for (const char* key : {"loss", "duplicate", "reorder", "corrupt", "jitter"})
    drops += network != nullptr && network->find(key) != nullptr ? share_of_messages : 0;
  const Value* latency = network == nullptr ? nullptr : network->find("latency");
  if (latency != nullptr && latency->kind != Value::Kind::scalar) drops += share_of_messages;
  return drops;
}

std::uint64_t bytes_in(const Value& value) {
  std::uint64_t bytes = size_in_bytes(value).value_or(0);
  for (const Entry& entry : value.entries) bytes += bytes_in(entry.value);
  for (const Value& element : value.elements) bytes += bytes_in(element);
  return bytes;
}

// Commands by their place in the protocol's list.
std::size_t place_of(const Command& command, const Case& example) {
  if (command.nodes.empty()) return 0;
  const Group& group = example.original->groups[example.kinds[example.nodes[command.nodes.front()].kind].group];
  const std::string verb = command.line.substr(0, command.line.find(' '));
  const auto forms = group.protocol->commands(*group.plan.options);
  const auto found = std::find_if(forms.begin(), forms.end(), [&](const CommandForm& form) {
    return form.form.substr(0, form.form.find(' ')) == verb;
  });
  return static_cast<std::size_t>(found - forms.begin());
}

std::size_t subtlety_of(const Action& action, const Case& example) {
  return std::visit(
      overloaded{[](const StartNodes&) { return std::size_t{0}; }, [](const ChangeMessage&) { return std::size_t{1}; },
                 [](const CrashNodes& crash) { return std::size_t{crash.disk == Disk::wipe ? 3u : 2u}; },
                 [](const LeaveNodes&) { return std::size_t{3}; },
                 [&](const Command& command) { return place_of(command, example); },
                 [](const auto&) { return std::size_t{4}; }},
      action);
}

}  // namespace

CaseSize size_of(const Case& example) {
  CaseSize size;
  size.nodes = running(example).size();
  size.idle = example.nodes.size() - size.nodes;
  for (const ScheduledAction& deed : example.deeds)
    ++(std::holds_alternative<Command>(deed.action)         ? size.commands
       : std::holds_alternative<ChangeMessage>(deed.action) ? size.drops
                                                            : size.faults);
  for (const ScheduledAction& deed : example.deeds) size.subtlety += subtlety_of(deed.action, example);
  size.drops += drops_by_chance(example.rest);
  if (example.rest.find("workload") != nullptr) size.commands += most_commands;
  for (const Case::Kind& kind : example.kinds) size.bytes += bytes_in(kind.settings);
  size.duration = rounded_up(example.duration.count());
  size.text = write_document(document_of(example));
  return size;
}

std::optional<std::uint64_t> size_in_bytes(const Value& value) {
  const bool is_scalar = value.kind == Value::Kind::scalar;
  return is_scalar && !parse_count(value.scalar) ? parse_size(value.scalar) : std::nullopt;
}

bool operator<(const CaseSize& a, const CaseSize& b) {
  const auto rank = [](const CaseSize& size) {
    return std::tuple(size.nodes, size.faults + size.drops, size.commands, size.subtlety, size.duration, size.idle,
                      size.bytes, size.text.size());
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  return a.text < b.text;
}

}  // namespace peerbed::scenarios
