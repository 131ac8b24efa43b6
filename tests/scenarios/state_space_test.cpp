// The states of a check as they are shown: of nodes of a user's own type, and how a node's state reads as text.

#include "scenarios/check/state_space.h"

#include <algorithm>
#include <map>
#include <optional>

#include "scenarios/check/state_text.h"
#include "scenarios/proof/check_scenario.h"
#include "scenarios/protocol/simple_protocol.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

struct NoOptions {
  template <class Reader>
  void read(Reader&) {}
};

// Passes a ball to the other one; whoever holds it may drop it for good.
class Player {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<TimerType, timer_count> timers = {{{"throw"}}};
  static constexpr std::array<std::string_view, 2> message_kinds{"", "ball"};
  static constexpr std::array trace_events{TraceEventType{"caught", {{{"from", Unit::address}, {"late", Unit::flag}}}}};

  Player(bool holds, Address other) : holds_(holds), other_(other) {}

  void on_start(Environment& environment, Start) { environment.set_timer(0, std::chrono::seconds(1)); }
  void on_datagram(Environment& environment, Address from, Bytes) {
    holds_ = true;
    environment.trace(0, {from.value, 1});
    environment.set_timer(0, std::chrono::seconds(1));
  }
  void on_timer(Environment& environment, TimerId) {
    if (!holds_) return;
    constexpr std::array<std::byte, 2> ball{std::byte{1}, std::byte{1}};
    holds_ = false;
    environment.send(other_, ball);
  }
  void on_command(Environment&, std::string_view) {}
  void on_leave(Environment& environment) { environment.exit(); }
  bool holds() const { return holds_; }
  auto fields() const { return std::tie(holds_, other_); }

 private:
  bool holds_;
  Address other_;
};

Scenario load(const std::string& check) {
  const auto make = [](const NoOptions&, const Member& member) {
    return Player(member.index == 0, member.addresses->at(1 - member.index));
  };
  const auto promise = [](std::span<const Seen<Player>> all, CheckReport& report) {
    const auto holders = std::count_if(all.begin(), all.end(), [](const auto& each) { return each.node.holds(); });
    report.expect("at most one holds the ball", holders <= 1, [] { return std::string("two hold it"); });
  };
  return load_scenario(
      parse_document("duration: 30s\ngroups: {p: {protocol: player, count: 2}}\ncheck: " + check + "\n", "t.yaml"),
      Registry{protocol<Player, NoOptions>("player", "plays", make, promise)});
}

CheckOutcome shown(const Scenario& scenario, std::size_t at_most) {
  CheckSettings settings{.shown = {at_most, {"p.0", "p.1"}}};
  settings.words = [&scenario](const CheckStep& step) { return words_of(step, scenario); };
  return check_of(scenario)->explore(settings);
}

}  // namespace

TEST_CASE("a state shows what nodes keep, what is under way, and what each step makes nodes report") {
  const Scenario scenario = load("{steps: message, budget: {crash: 0, start: 0}}");
  const CheckOutcome outcome = shown(scenario, 1000);
  const StateSpace& space = outcome.space;
  REQUIRE(space.states.size() == outcome.exploration.states);
  CHECK_FALSE(space.is_cut);
  CHECK(space.circle.empty());
  const StateSpace::State& begin = space.states[0];
  CHECK(space.nodes[begin.nodes[0]].text.starts_with("(yes, "));
  CHECK(space.nodes[begin.nodes[1]].text.starts_with("(no, "));
  CHECK(begin.flaws.empty());
  const auto step_called = [&](const StateSpace::State& state, const std::string& words) {
    const auto found = std::find_if(state.steps.begin(), state.steps.end(),
                                    [&](const StateSpace::Step& step) { return space.texts[step.action] == words; });
    REQUIRE(found != state.steps.end());
    return *found;
  };
  const StateSpace::Step thrown = step_called(begin, "p.0: the timer throw fires");
  CHECK(space.texts[thrown.traced].empty());
  const StateSpace::State& flying = space.states[thrown.target];
  CHECK(flying.parent == 0);
  REQUIRE(flying.under_way.size() == 1);
  CHECK(space.texts[flying.under_way[0]] == "ball from p.0 to p.1");
  const StateSpace::Step caught = step_called(flying, "p.1 receives ball from p.0");
  CHECK(space.texts[caught.traced] == "p.1: caught from=p.0 late=yes");
  CHECK(space.nodes[space.states[caught.target].nodes[1]].text.starts_with("(yes, "));
}

TEST_CASE("a state shows which properties it lacks, and a bound says that states are left out") {
  const Scenario scenario = load("{steps: message, budget: {crash: 0, start: 0, duplicate: 1}}");
  const CheckOutcome whole = shown(scenario, 1000);
  REQUIRE(whole.refutation);
  REQUIRE(whole.space.refuted);
  const StateSpace::State& last = whole.space.states[*whole.space.refuted];
  CHECK(last.depth == whole.refutation->steps.size());
  REQUIRE_FALSE(last.flaws.empty());
  CHECK(whole.space.properties[last.flaws[0].property].always);
  CHECK(whole.space.texts[last.flaws[0].text] == whole.refutation->flaw);
  const CheckOutcome few = shown(scenario, last.depth + 2);
  CHECK(few.space.states.size() == last.depth + 2);
  CHECK(few.space.is_cut);
  CHECK(few.space.states[*few.space.refuted].flaws.size() == last.flaws.size());
}

TEST_CASE("the state of a node reads as its values in their order") {
  const std::map<int, std::string> names{{1, "a"}, {2, "b"}};
  CHECK(state_text(std::tuple(true, std::uint8_t{7}, -3)) == "(yes, 7, -3)");
  CHECK(state_text(std::vector<std::optional<int>>{1, std::nullopt}) == "[1, none]");
  CHECK(state_text(names) == "[(1, 'a'), (2, 'b')]");
  CHECK(state_text(std::pair(std::make_shared<const int>(5), 6)) == "(6)");
  CHECK(state_text(std::variant<int, bool>(false)) == "1: no");
  CHECK(state_text(Duration(5)) == "5 ns");
}
