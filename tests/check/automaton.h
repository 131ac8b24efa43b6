#pragma once
// A small node whose behaviour is drawn from a seed: in each of its states a message, a timer or a start leads to
// another state, and may make it answer, tell the others or set a timer. It may send a few times only, apart from
// answers, so that the states of a system are few. What it does depends on no address, so automata with equal rules are
// interchangeable.

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "protocols/environment/node.h"
#include "protocols/environment/random.h"

namespace peerbed::check {

constexpr std::uint8_t automaton_states = 4;
constexpr std::uint8_t automaton_kinds = 3;
constexpr Address automaton_base = Address::ipv4(0x0A00'0001, 4000);

struct AutomatonRules {
  struct Move {
    std::uint8_t next = 0;
    std::uint8_t kind = 0;  // of what it sends
    bool answers = false;   // to the sender
    bool tells_others = false;
    std::uint8_t timer = 2;  // that it sets; 2 is none
    bool leaves = false;     // the process ends
  };
  std::array<std::array<Move, automaton_kinds>, automaton_states> on_message{};
  std::array<std::array<Move, 2>, automaton_states> on_timer{};
  Move on_start;
  std::uint8_t nodes = 3;
  std::uint8_t sends = 1;         // how often it sends, at most
  bool answers_are_free = false;  // and do not count

  static AutomatonRules drawn(std::uint64_t seed) {
    KeyedStream draws(key_of(7, seed));
    const auto move = [&] {
      Move drawn;
      drawn.next = static_cast<std::uint8_t>(draws.below(automaton_states));
      drawn.kind = static_cast<std::uint8_t>(draws.below(automaton_kinds));
      drawn.answers = draws.below(3) == 0;
      drawn.tells_others = draws.below(4) == 0;
      drawn.timer = static_cast<std::uint8_t>(draws.below(5));
      drawn.leaves = draws.below(30) == 0;
      return drawn;
    };
    AutomatonRules rules;
    for (auto& moves : rules.on_message)
      for (Move& drawn : moves) drawn = draws.below(3) == 0 ? Move{} : move();
    for (auto& moves : rules.on_timer)
      for (Move& drawn : moves) drawn = move();
    // A message that does nothing: the automaton stays where it is.
    for (std::uint8_t state = 0; state < automaton_states; ++state)
      for (Move& drawn : rules.on_message[state])
        if (draws.below(4) == 0) drawn = {.next = state};
    rules.on_start = move();
    rules.on_start.leaves = false;
    rules.on_start.timer = 0;
    rules.on_start.tells_others = draws.below(2) == 0;
    rules.nodes = static_cast<std::uint8_t>(2 + draws.below(2));
    rules.answers_are_free = draws.below(3) == 0;
    return rules;
  }
};

class Automaton {
 public:
  static constexpr std::size_t timer_count = 2;
  static constexpr std::array<TraceEventType, 0> trace_events{};
  static constexpr std::array<std::string_view, 0> message_kinds{};

  Automaton(const AutomatonRules& rules, std::uint8_t self) : rules_(&rules), self_(self), sends_left_(rules.sends) {}

  void on_start(Environment& environment, Start) { move(environment, rules_->on_start, {}); }
  void on_datagram(Environment& environment, Address from, Bytes bytes) {
    auto kind = static_cast<std::uint8_t>(bytes[0]);
    // Messages of kind 2 change what one of kind 0 means.
    if (kind == 2) received_ = static_cast<std::uint8_t>((received_ + 1) % 2);
    if (kind == 0 && received_ == 1) kind = 1;
    move(environment, rules_->on_message[state_][kind], from);
  }
  void on_timer(Environment& environment, TimerId timer) { move(environment, rules_->on_timer[state_][timer], {}); }
  void on_command(Environment& environment, std::string_view) { move(environment, rules_->on_timer[state_][0], {}); }
  void on_leave(Environment& environment) { environment.exit(); }
  auto fields() const { return std::tie(state_, sends_left_, received_); }

  std::uint8_t state() const { return state_; }

 private:
  void move(Environment& environment, const AutomatonRules::Move& move, Address sender) {
    state_ = move.next;
    const std::array<std::byte, 1> bytes = {static_cast<std::byte>(move.kind)};
    const bool answers = move.answers && sender && (sends_left_ > 0 || rules_->answers_are_free);
    const bool tells = move.tells_others && sends_left_ > 0;
    if (tells || (answers && !rules_->answers_are_free)) --sends_left_;
    if (answers) environment.send(sender, Bytes(bytes));
    for (std::uint8_t node = 0; tells && node < rules_->nodes; ++node)
      if (node != self_) environment.send(automaton_base.plus(node), Bytes(bytes));
    if (move.timer < timer_count) environment.set_timer(move.timer, std::chrono::seconds(1));
    if (move.leaves) environment.exit();
  }

  const AutomatonRules* rules_;  // never change
  std::uint8_t self_;            // never changes
  std::uint8_t state_ = 0;
  std::uint8_t sends_left_;
  std::uint8_t received_ = 0;  // messages of kind 2, modulo 2
};

}  // namespace peerbed::check
