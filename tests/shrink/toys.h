#pragma once
// Small protocols, each with one planted fault whose smallest scenario is known, and scenarios full of noise in which
// it shows.

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include "protocols/environment/node.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/protocol/simple_protocol.h"
#include "scenarios/text/units.h"

namespace peerbed::tests {

struct NoOptions {
  template <class Reader>
  void read(Reader&) {}
};

template <std::uint8_t message>
struct Word {
  std::uint64_t value = 0;

  void encode(Writer& writer) const {
    writer.header({.version = 1, .kind = message});
    writer.integer(value);
  }
};

inline std::uint64_t value_in(Bytes payload) {
  Reader reader(payload);
  reader.header();
  return reader.integer<std::uint64_t>();
}

// Grants: on `go N` a node asks node N, which grants once for each question it gets, as it should, but also once more
// when it is asked again because the answer was lost. Smallest: two nodes, one command, one lost answer.
class Granter {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<std::string_view, 3> message_kinds{"", "ask", "grant"};
  static constexpr std::array trace_events{TraceEventType{"granted", {{{"grants", Unit::count}}}}};
  static constexpr std::array commands{CommandForm{"go NODE", "asks that node"}};
  static constexpr std::uint8_t ask = 1;
  static constexpr std::uint8_t grant = 2;

  explicit Granter(std::size_t index, std::shared_ptr<const std::vector<Address>> all)
      : index_(index), all_(std::move(all)) {}

  void on_start(Environment&, Start) {}
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    if (message_kind(payload) == ask) {
      const std::uint64_t question = value_in(payload);
      grants_ = question == last_ ? grants_ + 1 : 1;
      most_ = std::max(most_, grants_);
      last_ = question;
      environment.trace(0, {grants_});
      environment.send(from, Word<grant>{question});
    } else if (value_in(payload) == question_) {
      environment.cancel_timer(0);
    }
  }
  void on_timer(Environment& environment, TimerId) {
    if (--tries_ == 0) return;
    environment.send((*all_)[asked_], Word<ask>{question_});
    environment.set_timer(0, std::chrono::seconds(3));
  }
  void on_command(Environment& environment, std::string_view line) {
    const auto number = scenarios::parse_count(line.substr(line.find(' ') + 1));
    if (!number || *number >= all_->size() || *number == index_) return;
    asked_ = *number;
    question_ = (index_ + 1) * 1000 + ++questions_;
    tries_ = 2;
    environment.send((*all_)[asked_], Word<ask>{question_});
    environment.set_timer(0, std::chrono::seconds(3));
  }
  void on_leave(Environment& environment) { environment.exit(); }
  std::uint64_t most() const { return most_; }
  auto fields() const { return std::tie(grants_, most_, last_, question_, questions_, tries_, asked_); }

 private:
  std::size_t index_;
  std::shared_ptr<const std::vector<Address>> all_;
  std::uint64_t grants_ = 0;
  std::uint64_t most_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t question_ = 0;
  std::uint64_t questions_ = 0;
  std::uint64_t tries_ = 0;
  std::uint64_t asked_ = 0;
};

// Neighbours: a node greets the two after it every second, and forgets who kept silent for five. One that knew somebody
// and forgets everybody is lost for ever. Smallest: two nodes and a crash, since the second neighbour need never start.
class Neighbour {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<std::string_view, 3> message_kinds{"", "greet", "greet back"};
  static constexpr std::array trace_events{TraceEventType{"heard", {{{"of", Unit::count}}}}};
  static constexpr std::uint8_t greet = 1;
  static constexpr std::uint8_t back = 2;

  Neighbour(std::size_t index, std::shared_ptr<const std::vector<Address>> all) : index_(index), all_(std::move(all)) {}

  void on_start(Environment& environment, Start) { environment.set_timer(0, std::chrono::milliseconds(100)); }
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    if (message_kind(payload) == greet) return environment.send(from, Word<back>{});
    if (is_lost_) return;
    heard_ = environment.now();
    if (!knew_) environment.trace(0, {index_});
    knew_ = true;
  }
  void on_timer(Environment& environment, TimerId) {
    for (std::size_t i = 1; i <= 2; ++i) environment.send((*all_)[(index_ + i) % all_->size()], Word<greet>{});
    if (knew_ && environment.now() - heard_ > std::chrono::seconds(5)) is_lost_ = true;
    environment.set_timer(0, std::chrono::seconds(1));
  }
  void on_command(Environment&, std::string_view) {}
  void on_leave(Environment& environment) { environment.exit(); }
  bool is_lost() const { return is_lost_; }
  auto fields() const { return std::tie(heard_, knew_, is_lost_); }

 private:
  std::size_t index_;
  std::shared_ptr<const std::vector<Address>> all_;
  Time heard_{};
  bool knew_ = false;
  bool is_lost_ = false;
};

// Registers: `set X` is carried out a second later; a second `set` before that overwrites it and is never carried out
// itself. Smallest: one node and two commands within a second.
class Register {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<std::string_view, 1> message_kinds{""};
  static constexpr std::array trace_events{TraceEventType{"set", {{{"to", Unit::count}}}}};
  static constexpr std::array commands{CommandForm{"set NUMBER", "sets it"}, CommandForm{"look", "does nothing"}};

  void on_start(Environment&, Start) {}
  void on_datagram(Environment&, Address, Bytes) {}
  void on_timer(Environment& environment, TimerId) {
    is_busy_ = false;
    environment.trace(0, {1});
  }
  void on_command(Environment& environment, std::string_view line) {
    if (!line.starts_with("set")) return;
    is_wrong_ = is_wrong_ || is_busy_;
    is_busy_ = true;
    environment.set_timer(0, std::chrono::seconds(1));
  }
  void on_leave(Environment& environment) { environment.exit(); }
  bool is_wrong() const { return is_wrong_; }
  auto fields() const { return std::tie(is_busy_, is_wrong_); }

 private:
  bool is_busy_ = false;
  bool is_wrong_ = false;
};

// Kettles: `heat` twice makes one boil over, which is to blame here; without `fill` before, `heat` burns it, which is
// another failure. `burst` throws, and `tip` burns it and boils it over at once. Smallest: one node, one `fill` and two
// times `heat`.
class Kettle {
 public:
  static constexpr std::size_t timer_count = 0;
  static constexpr std::array<std::string_view, 1> message_kinds{""};
  static constexpr std::array<TraceEventType, 0> trace_events{};
  static constexpr std::array commands{CommandForm{"fill", "fills it"}, CommandForm{"heat", "heats it"},
                                       CommandForm{"burst", "throws"}, CommandForm{"tip", "spills it"}};

  void on_start(Environment&, Start) {}
  void on_datagram(Environment&, Address, Bytes) {}
  void on_timer(Environment&, TimerId) {}
  void on_command(Environment&, std::string_view line) {
    if (line == "fill") is_full_ = true;
    if (line == "heat") ++heats_;
    if (line == "burst") throw std::runtime_error("burst after " + std::to_string(heats_) + " heats");
    is_tipped_ = is_tipped_ || line == "tip";
    is_burnt_ = is_burnt_ || (heats_ > 0 && !is_full_);
  }
  void on_leave(Environment& environment) { environment.exit(); }
  bool boils_over() const { return is_tipped_ || (heats_ > 1 && is_full_); }
  bool is_burnt() const { return is_tipped_ || is_burnt_; }
  auto fields() const { return std::tie(is_full_, is_burnt_, is_tipped_, heats_); }

 private:
  bool is_full_ = false;
  bool is_burnt_ = false;
  bool is_tipped_ = false;
  std::uint64_t heats_ = 0;
};

inline scenarios::Registry toys() {
  using scenarios::CheckReport;
  using scenarios::Member;
  using scenarios::Seen;
  const auto say = [](std::size_t index) { return "node " + std::to_string(index) + " is to blame"; };
  return scenarios::Registry{
      scenarios::protocol<Granter, NoOptions>(
          "granter", "grants what it is asked for",
          [](const NoOptions&, const Member& member) { return Granter(member.index, member.addresses); },
          [say](std::span<const Seen<Granter>> all, CheckReport& report) {
            for (const Seen<Granter>& each : all)
              report.expect("nothing is granted twice", each.node.most() <= 1, [&] { return say(each.member.index); });
          }),
      scenarios::protocol<Neighbour, NoOptions>(
          "neighbour", "greets the two after it",
          [](const NoOptions&, const Member& member) { return Neighbour(member.index, member.addresses); },
          [say](std::span<const Seen<Neighbour>> all, CheckReport& report) {
            for (const Seen<Neighbour>& each : all)
              report.expect("nobody is lost", !each.node.is_lost(), [&] { return say(each.member.index); });
          }),
      scenarios::protocol<Register, NoOptions>(
          "register", "keeps a number", [](const NoOptions&, const Member&) { return Register(); },
          [say](std::span<const Seen<Register>> all, CheckReport& report) {
            for (const Seen<Register>& each : all)
              report.expect("all that is set is carried out", !each.node.is_wrong(),
                            [&] { return say(each.member.index); });
          }),
      scenarios::protocol<Kettle, NoOptions>(
          "kettle", "boils", [](const NoOptions&, const Member&) { return Kettle(); },
          [say](std::span<const Seen<Kettle>> all, CheckReport& report) {
            for (const Seen<Kettle>& each : all) {
              report.expect("none burns", !each.node.is_burnt(), [&] { return say(each.member.index); });
              report.expect("none boils over", !each.node.boils_over(), [&] { return say(each.member.index); });
            }
          })};
}

constexpr const char* noisy_granters = R"(duration: 2min
network: {latency: {uniform: {from: 10ms, to: 80ms}}, loss: 5%}
groups: {nodes: {protocol: granter, count: 12}}
workload:
  - {rate: 2/s, do: "go {below:12}"}
faults:
  - {at: 30s, crash: 3, for: 5s}
  - {at: 40s, pause: [5, 6], for: 3s}
)";

constexpr const char* noisy_neighbours = R"(duration: 3min
network: {latency: 20ms}
groups: {nodes: {protocol: neighbour, count: 16}}
faults:
  - {at: 20s, crash: 11, for: 30s}
  - {at: 31s, crash: {random: 2, of: nodes}, for: 2s}
  - {at: 70s, crash: [4, 5], for: 20s}
  - {at: 2min, leave: 9}
checks: {every: 1s}
)";

constexpr const char* noisy_registers = R"(duration: 90s
groups: {nodes: {protocol: register, count: 9, start: {joining: {at: 1s, spacing: 1s}}}}
workload:
  - {rate: 3/s, from: 10s, do: "set {below:1000}"}
  - {every: 1s, do: look}
faults:
  - {at: 5s, crash: 2, for: 10s}
)";

constexpr const char* kettles = R"(duration: 60s
groups: {nodes: {protocol: kettle, count: 5}}
workload:
  - {at: 1s, each: nodes, do: fill}
  - {every: 700ms, from: 3s, do: heat}
  - {every: 3s, from: 10s, do: fill}
)";

constexpr const char* tipped_kettles = R"(duration: 60s
groups: {nodes: {protocol: kettle, count: 5}}
workload:
  - {at: 1s, each: nodes, do: fill}
  - {at: 20s, do: tip}
  - {at: 30s, do: tip}
faults: [{at: 5s, crash: 1, for: 3s}]
)";

// Node 3 asks node 0 while it is cut off from it for just the time of the answer.
constexpr const char* cut_granters = R"(duration: 60s
network: {latency: 50ms}
groups: {nodes: {protocol: granter, count: 5}}
workload:
  - {every: 5s, from: 2s, until: 30s, do: "go {below:5}"}
  - {at: 31s, node: nodes.3, do: go 0}
faults:
  - {at: 31040ms, partition: 3, for: 100ms}
  - {at: 40s, clog: 2, for: 1s}
)";

constexpr const char* late_registers = R"(duration: 30s
groups: {nodes: {protocol: register, count: 4, start: {converged: [1, 3]}}}
workload: [{every: 700ms, from: 1s, do: "set {below:9}"}]
faults: [{at: 3s, start: 0}, {at: 5s, start: 2}]
)";

constexpr const char* bursting_kettles = R"(duration: 60s
groups: {nodes: {protocol: kettle, count: 5}}
workload:
  - {at: 1s, each: nodes, do: fill}
  - {at: 3s, do: heat}
  - {at: 37s, do: burst}
  - {at: 44s, do: burst}
)";

}  // namespace peerbed::tests
