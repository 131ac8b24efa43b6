// A node that is given an input later, with all that it remembers shifted by the same time, does the same.

#include "check/engine/explorer.h"
#include "protocols/coursework/node.h"
#include "tests/catch.h"
#include "tests/check/shipped/shifted.h"
#include "tests/check/shipped/shipped_coursework.h"
#include "tests/check/shipped/shipped_ring.h"

using namespace peerbed;
using namespace peerbed::check;
using namespace std::chrono_literals;

namespace {

// What a node did with an input: bytes that are equal if it did the same.
template <class N>
std::vector<std::byte> answer(const Scope& scope, Process<N> process, Address self, ActionKind kind, TimerId timer,
                              Address from, Bytes payload) {
  Effects effects;
  DrawCounts draws{};
  Environment environment(process.clock, self, 7, draws, effects);
  switch (kind) {
    case ActionKind::start:
      process.node.on_start(environment, Start{});
      break;
    case ActionKind::fire:
      process.node.on_timer(environment, timer);
      break;
    case ActionKind::leave:
      process.node.on_leave(environment);
      break;
    default:
      process.node.on_datagram(environment, from, payload);
      break;
  }
  std::vector<std::byte> answer;
  for (const Effect& effect : effects.all()) {
    append_state(answer, std::tie(effect.kind, effect.number, effect.argument));
    const Bytes bytes = effects.bytes_of(effect);
    append_state(answer, std::vector<std::byte>(bytes.begin(), bytes.end()));
  }
  CanonicalForm(answer, scope, process.clock).add(process.node);
  return answer;
}

// Each process that occurs in an exploration is given each of its timers, a request to leave, and one in `stride` of
// the messages that occur, now and a day later: so long passes before each timer. Returns how many answers differ.
template <class System>
std::size_t answers_that_differ(const System& system, std::size_t stride, std::size_t& answers, bool shifts = true) {
  const Scope scope{.commands = false, .timed = true};
  Explorer explorer(system, {.at_most_states = 20'000});
  explorer.run();
  std::size_t differing = 0;
  std::size_t seen = 0;
  const auto& processes = system.handlers().processes();
  const auto& messages = system.handlers().messages();
  const Duration later = 24h + 7ms;
  processes.for_each([&](const auto& process) {
    if (!process.runs()) return;
    auto shifted = process;
    shifted.clock += later;
    if (shifts) shift(shifted.node, later);
    const auto compare = [&](ActionKind kind, TimerId timer, Address from, Bytes payload) {
      ++answers;
      const Address self = system.handlers().addresses()[0];
      if (answer(scope, process, self, kind, timer, from, payload) !=
          answer(scope, shifted, self, kind, timer, from, payload))
        ++differing;
    };
    for (TimerId timer = 0; timer < process.due.size(); ++timer)
      if (process.is_set(timer)) compare(ActionKind::fire, timer, {}, {});
    compare(ActionKind::leave, 0, {}, {});
    messages.for_each([&](const Message& message) {
      if (++seen % stride > 0) return;
      compare(ActionKind::deliver, 0, system.handlers().addresses()[message.from], message.bytes);
    });
  });
  return differing;
}

}  // namespace

TEST_CASE("a ring node answers a day later as it does now, to every input") {
  const bool checks_predecessor = GENERATE(false, true);
  const auto system = ring_system({.nodes = 5, .checks_predecessor = checks_predecessor}, membership_form());
  std::size_t answers = 0;
  CHECK(answers_that_differ(*system, 1009, answers) == 0);
  CHECK(answers > 10'000);
}

TEST_CASE("a coursework peer answers a day later as it does now, to every input") {
  const auto system = coursework_system({.peers = 4});
  std::size_t answers = 0;
  CHECK(answers_that_differ(*system, 1, answers) == 0);
  CHECK(answers > 1000);
}

TEST_CASE("a node whose times are left behind when its clock advances answers otherwise") {
  std::size_t answers = 0;
  CHECK(answers_that_differ(*ring_system({.nodes = 4}, membership_form()), 101, answers, false) > 0);
  CHECK(answers_that_differ(*coursework_system({.peers = 4}), 1, answers, false) > 0);
}
