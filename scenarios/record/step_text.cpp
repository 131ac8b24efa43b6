#include "scenarios/record/step_text.h"

#include <array>
#include <cstring>

#include "protocols/environment/random.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

// Eight bytes per round; the last ones are padded with zeros, and the length is part of the key.
std::uint64_t key_of_bytes(std::uint64_t key, Bytes bytes) {
  key = key_of(key, bytes.size());
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    key = mix(key ^ word) * 0xD1342543DE82EF95ULL;
  }
  std::uint64_t rest = 0;
  if (!bytes.empty()) std::memcpy(&rest, bytes.data(), bytes.size());
  return mix(key ^ rest);
}

// As much of a command as fits in a sentence.
std::string shown_line(Bytes bytes) {
  constexpr std::size_t longest = 60;
  const std::string line(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return line.size() <= longest ? line : line.substr(0, longest) + "...";
}

}  // namespace

std::uint32_t step_hash(const Step& step) {
  const std::uint64_t key = key_of(static_cast<std::uint64_t>(nanoseconds_since_start(step.time)), step.destination,
                                   step.source, step.sequence, static_cast<unsigned>(step.kind), step.timer);
  return static_cast<std::uint32_t>(key_of_bytes(key, step.bytes));
}

std::string_view step_kind_name(StepKind kind) {
  constexpr std::array<std::string_view, 10> names{"datagram", "timer", "start", "leave",  "command",
                                                   "content",  "crash", "pause", "resume", "stream"};
  return names[static_cast<std::size_t>(kind)];
}

std::string step_text(const Step& step, const Scenario& scenario) {
  std::string text = write_duration(step.time.time_since_epoch());
  text.append(": ").append(step_kind_name(step.kind));
  if (step.kind == StepKind::timer) text.append(" ").append(std::to_string(step.timer));
  if (step.kind == StepKind::datagram && step.source < scenario.node_count()) {
    const auto kinds = scenario.group_of(step.source).protocol->message_kinds();
    const std::uint8_t kind = message_kind(step.bytes);
    if (kind < kinds.size()) text.append(" ").append(kinds[kind]);
    text.append(" (").append(std::to_string(step.bytes.size())).append(" bytes) from ");
    text.append(scenario.name_of(step.source)).append(" to ").append(scenario.name_of(step.destination));
  } else {
    if (step.kind == StepKind::command) text.append(" '").append(shown_line(step.bytes)).append("'");
    text.append(" at ").append(scenario.name_of(step.destination));
  }
  return text;
}

}  // namespace peerbed::scenarios
