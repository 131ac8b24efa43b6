#pragma once
// A protocol for tests of scenarios: its nodes do what they are told and print what happens to them, with the time.
// Commands are `ask N` (sends a datagram to node N, which prints the sender), `store N`, and `wait MS` (by the node's
// own clock).

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/node.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/protocol/simple_protocol.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/text/units.h"

namespace peerbed::tests {

struct Question {
  void encode(Writer& writer) const {
    writer.header({.version = 1, .kind = 1});
    writer.integer(std::uint64_t{0x0123456789ABCDEF});
  }
  static bool is_in(Bytes payload) {
    Reader reader(payload);
    const Header header = reader.header();
    const bool is_whole = reader.integer<std::uint64_t>() == 0x0123456789ABCDEF && reader.complete();
    return is_whole && header.version == 1 && header.kind == 1;
  }
};

struct ProbeOptions {
  template <class Reader>
  void read(Reader&) {}
};

class Probe {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<std::string_view, 2> message_kinds{"", "question"};
  static constexpr std::array<TraceEventType, 0> trace_events{};

  void on_start(Environment& environment, Start start) {
    environment.print("starts with " + std::to_string(start.stored.size()) + " stored");
  }
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    environment.print(Question::is_in(payload) ? "hears " + std::to_string(sim::node_at(from)) : "hears noise");
  }
  void on_timer(Environment& environment, TimerId) {
    environment.print("waited until " + scenarios::write_duration(environment.now().time_since_epoch()));
  }
  void on_leave(Environment& environment) {
    environment.print("leaves");
    environment.exit();
  }
  void on_command(Environment& environment, std::string_view line) {
    const std::size_t blank = line.find(' ');
    const auto number = static_cast<std::uint32_t>(scenarios::parse_count(line.substr(blank + 1)).value_or(0));
    const std::string_view verb = line.substr(0, blank);
    if (verb == "ask") environment.send(sim::address_of(number), Question{});
    if (verb == "store") environment.write_content(ContentKey{number}, std::as_bytes(std::span("content")));
    if (verb == "wait") environment.set_timer(0, std::chrono::milliseconds(number));
  }
  auto fields() const { return std::tie(); }
};

inline scenarios::Scenario load_probes(const std::string& text, const std::string& source = "t.yaml") {
  const auto probe = scenarios::protocol<Probe, ProbeOptions>(
      "probe", "does what it is told", [](const ProbeOptions&, const scenarios::Member&) { return Probe(); });
  return load_scenario(scenarios::parse_document(text, source), scenarios::Registry{probe});
}

using Lines = std::vector<std::string>;

// What nodes printed, such as "0:01.010 a.1 hears 0", except for their start at the beginning. Groups are a and b, of
// three and two nodes: 0 to 2 and 3 to 4; datagrams take 10 ms unless the text says otherwise.
inline Lines told(const std::string& text, const std::string& source = "t.yaml") {
  const std::string network = text.find("network:") == 0 ? "" : "network: {latency: 10ms}\n";
  const scenarios::Scenario scenario = load_probes(
      "duration: 10s\nshow_lines: true\n"
      "groups: {a: {protocol: probe, count: 3}, b: {protocol: probe, count: 2}}\n" +
          network + text,
      source);
  Lines lines;
  for (const scenarios::PrintedLine& line : run_scenario(scenario).lines) {
    const bool is_printed = line.text.front() != '>' && line.text.front() != '(';
    if (is_printed && line.at > Duration::zero())
      lines.push_back(scenarios::show_moment(line.at) + " " + scenario.name_of(line.node) + " " + line.text);
  }
  return lines;
}

}  // namespace peerbed::tests
