// What may happen to real nodes: clocks, granularities, budgets and guards, seen through two nodes that ask each other
// whether they live.

#include "check/nodes/node_system.h"
#include "check/engine/explorer.h"
#include "tests/catch.h"

using namespace peerbed::check;
using namespace peerbed;

namespace {

constexpr Address base = Address::ipv4(0x0A00'0001, 4000);
constexpr std::array<std::byte, 2> question = {std::byte{1}, std::byte{0}};  // a version and a kind
constexpr std::array<std::byte, 2> answer = {std::byte{1}, std::byte{1}};

// Asks its neighbour now and then, and suspects it if no answer comes in time.
class Asker {
 public:
  static constexpr std::size_t timer_count = 2;
  static constexpr TimerId ask_timer = 0;
  static constexpr TimerId patience_timer = 1;
  static constexpr std::array<TraceEventType, 0> trace_events{};
  static constexpr std::array<std::string_view, 2> message_kinds = {"ask", "answer"};

  Asker(std::uint8_t self, Duration patience) : neighbour_(base.plus(1u - self)), patience_(patience) {}

  void on_start(Environment& environment, Start start) {
    knows_life_before_ = !start.stored.empty();
    environment.write_content(ContentKey{1}, {});
    environment.set_timer(ask_timer, std::chrono::seconds(1));
  }
  void on_datagram(Environment& environment, Address from, Bytes bytes) {
    if (message_kind(bytes) == 0) {
      environment.send(from, Bytes(answer));
    } else {
      waits_ = false;
      environment.cancel_timer(patience_timer);
    }
  }
  void on_timer(Environment& environment, TimerId timer) {
    if (timer == patience_timer) {
      suspects_ = true;
      waits_ = false;
      return;
    }
    environment.set_timer(ask_timer, std::chrono::seconds(1));
    if (waits_) return;
    environment.send(neighbour_, Bytes(question));
    environment.set_timer(patience_timer, patience_);
    waits_ = true;
  }
  void on_command(Environment&, std::string_view line) { is_told_ = line == "hello"; }
  void on_leave(Environment& environment) { environment.exit(); }
  auto fields() const { return std::tie(suspects_, waits_, is_told_, knows_life_before_); }

  bool suspects() const { return suspects_; }
  bool is_told() const { return is_told_; }
  bool knows_life_before() const { return knows_life_before_; }

 private:
  Address neighbour_;  // these two never change
  Duration patience_;
  bool suspects_ = false;
  bool waits_ = false;
  bool is_told_ = false;
  bool knows_life_before_ = false;
};

using AskerSystem = NodeSystem<Asker>;

NodeOptions<Asker> two_askers(Duration patience = std::chrono::milliseconds(500)) {
  NodeOptions<Asker> options;
  for (std::uint8_t node = 0; node < 2; ++node) {
    options.nodes.emplace_back(node, patience);
    options.addresses.push_back(base.plus(node));
    options.started.push_back(node);
  }
  options.is_deadline[Asker::patience_timer] = true;
  options.budget.start = 0;
  options.always.push_back({"suspects only the dead", [](const View<Asker>& view) {
                              for (NodeIndex node = 0; node < 2; ++node)
                                if (view.runs(node) && view.node(node).suspects() && view.runs(1 - node)) return false;
                              return true;
                            }});
  return options;
}

Exploration explored(const NodeOptions<Asker>& options, ExplorerOptions explorer_options = {}) {
  const AskerSystem system(options);
  Explorer explorer(system, std::move(explorer_options));
  return explorer.run();
}

bool can_become(NodeOptions<Asker> options, std::function<bool(const View<Asker>&)> what) {
  options.always = {{"never", [what](const View<Asker>& view) { return !what(view); }}};
  const Exploration found = explored(options);
  CHECK((found.verdict() == Verdict::refuted || found.ending == Ending::exhausted));
  return found.verdict() == Verdict::refuted;
}

}  // namespace

TEST_CASE("with a patient clock silence means death") {
  NodeOptions<Asker> options = two_askers();
  CHECK(explored(options).verdict() == Verdict::proved);
  options.budget.crash = 1;
  CHECK(explored(options).verdict() == Verdict::proved);
  CHECK(can_become(options, [](const View<Asker>& view) { return view.runs(0) && view.node(0).suspects(); }));
}

TEST_CASE("with a hasty clock a node suspects one that lives") {
  NodeOptions<Asker> options = two_askers();
  options.clock = Clock::hasty;
  const AskerSystem system(options);
  Explorer explorer(system, {});
  const Exploration& found = explorer.run();
  REQUIRE(found.verdict() == Verdict::refuted);
  const auto path = explorer.path_to(*found.nearest_broken());
  REQUIRE(path.size() == 3);
  CHECK(NodeAction::from(path[1].action).kind == ActionKind::fire);
  CHECK(NodeAction::from(path[1].action).argument == Asker::ask_timer);
  CHECK(NodeAction::from(path[2].action).argument == Asker::patience_timer);
  CHECK(system.describe(explorer.states_along(path)[1], path[2].action).starts_with("timer 1 of node"));
}

TEST_CASE("a lost message makes a patient node suspect one that lives, and the path names the loss") {
  NodeOptions<Asker> options = two_askers();
  options.budget.drop = 1;
  const AskerSystem system(options);
  Explorer explorer(system, {});
  REQUIRE(explorer.run().verdict() == Verdict::refuted);
  const auto path = explorer.path_to(*explorer.result().nearest_broken());
  REQUIRE(path.size() == 4);
  CHECK(NodeAction::from(path[2].action).kind == ActionKind::drop);
  const std::string told = system.describe(explorer.states_along(path)[1], path[2].action);
  CHECK((told == "node 1 never receives ask from node 0" || told == "node 0 never receives ask from node 1"));
}

TEST_CASE("with exact clocks a node suspects one that lives just if its patience is shorter than the longest way") {
  // A question and its answer take at most 2 ticks each, and may arrive in the tick in which patience ends.
  for (const auto& [patience, verdict] :
       {std::pair(500, Verdict::proved), {400, Verdict::refuted}, {300, Verdict::refuted}}) {
    INFO(patience << " ms");
    NodeOptions<Asker> options = two_askers(std::chrono::milliseconds(patience));
    options.clock = Clock::ticks;
    options.tick = std::chrono::milliseconds(100);
    options.most_delay = 2;
    CHECK(explored(options).verdict() == verdict);
  }
}

TEST_CASE("in exchanges nothing is under way between actions, and deadlines pass within them") {
  NodeOptions<Asker> options = two_askers();
  options.granularity = Granularity::exchange;
  options.budget.crash = 1;
  CHECK_FALSE(can_become(options, [](const View<Asker>& view) { return view.messages() > 0; }));
  const AskerSystem system(options);
  Explorer explorer(system, {.stops_when_broken = false});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::proved);
  // Both live; one has died; one has died and the other knows.
  CHECK(found.states == 5);
}

TEST_CASE("a disk outlives a crash if it is kept") {
  NodeOptions<Asker> options = two_askers();
  options.granularity = Granularity::exchange;
  options.budget.crash = 1;
  options.budget.start = 1;
  const auto remembers = [](const View<Asker>& view) { return view.runs(0) && view.node(0).knows_life_before(); };
  CHECK(can_become(options, remembers));
  options.wipes_disks = true;
  CHECK_FALSE(can_become(options, remembers));
}

TEST_CASE("a command is given as often as it may be, and a node that leaves ends by itself") {
  NodeOptions<Asker> options = two_askers();
  const auto both_told = [](const View<Asker>& view) {
    return view.runs(0) && view.runs(1) && view.node(0).is_told() && view.node(1).is_told();
  };
  options.commands = {{0, "hello", 1}, {1, "goodbye", 1}};
  CHECK_FALSE(can_become(options, both_told));
  options.commands[1].line = "hello";
  CHECK(can_become(options, both_told));
  const auto has_left = [](const View<Asker>& view) { return view.process(1).status == ProcessStatus::left; };
  CHECK_FALSE(can_become(options, has_left));
  options.budget.leave = 1;
  CHECK(can_become(options, has_left));
}

TEST_CASE("a guard decides what may happen beyond messages and timers") {
  NodeOptions<Asker> options = two_askers();
  options.budget.crash = Budget::any;
  const auto nobody = [](const View<Asker>& view) { return !view.runs(0) && !view.runs(1); };
  CHECK(can_become(options, nobody));
  options.allows = [](const View<Asker>& view, const NodeAction& action) {
    return action.kind != ActionKind::crash_keep || view.runs(1 - action.node);
  };
  CHECK_FALSE(can_become(options, nobody));
}

TEST_CASE("what a bound leaves out is never called proved") {
  NodeOptions<Asker> options = two_askers();
  options.most_under_way = 1;
  const Exploration cut = explored(options);
  CHECK(cut.ending == Ending::cut);
  CHECK(cut.verdict() == Verdict::not_exhausted);
  options.most_under_way = 64;
  CHECK(explored(options).verdict() == Verdict::proved);
  CHECK(explored(options, {.at_most_states = 1}).ending == Ending::states_bound);
  CHECK(explored(options, {.at_most_depth = 1}).ending == Ending::depth_bound);
  CHECK(explored(options, {.at_most_memory = 1}).ending == Ending::memory_bound);
  CHECK(explored(options, {.at_most_depth = 1}).verdict() == Verdict::not_exhausted);
}

TEST_CASE("options that contradict each other are refused") {
  NodeOptions<Asker> options = two_askers();
  options.granularity = Granularity::exchange;
  options.budget.drop = 1;
  CHECK_THROWS_AS(AskerSystem(options), std::invalid_argument);
  options = two_askers();
  options.leaves_ineffective = true;
  CHECK_THROWS_AS(AskerSystem(options), std::invalid_argument);
}
