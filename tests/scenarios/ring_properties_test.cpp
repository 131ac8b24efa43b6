// What the checks of a ring report: nothing where nothing was guaranteed, and what is wrong where something was. Wrong
// rings are made of nodes that start with tables of other rings.

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "protocols/ring/node.h"
#include "scenarios/ring/ring_history.h"
#include "scenarios/ring/ring_layout.h"
#include "scenarios/ring/ring_options.h"
#include "scenarios/ring/ring_protocol.h"
#include "scenarios/run/property_checker.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

Scenario load_text(const std::string& text) {
  return load_scenario(parse_document(text, "t.yaml"), standard_protocols());
}

RunResult run_text(const std::string& text) { return run_scenario(load_text(text)); }

std::string violations_of(const RunResult& result) {
  std::string text;
  for (const ViolatedProperty& violated : result.violations)
    text += violated.property + ": " + violated.last.what + "\n";
  return text;
}

double value(const RunResult& result, const std::string& metric) {
  const auto found = result.metrics.find(metric);
  REQUIRE(found);
  return found->value;
}

using Names = std::set<std::string>;

// A ring of `count` nodes with lists of two. Each node may know other members than there are, or start later.
class MadeRing final : public StateView {
 public:
  explicit MadeRing(std::size_t count, std::size_t later = 1)
      : scenario_(
            load_text("duration: 1h\nlowered: true\ngroups:\n  a: {protocol: ring, count: " + std::to_string(count) +
                      ", options: {successor_list_length: 2}}\n  b: {protocol: ring, count: " + std::to_string(later) +
                      ", start: never, options: {successor_list_length: 2}}\n")),
        plans_{scenario_.groups[0].plan, scenario_.groups[1].plan},
        layout_(plans_, scenario_.seed),
        run_(scenario_.groups[0].protocol->begin(plans_, scenario_.seed)) {
    for (const ring::Contact& contact : layout_.everyone())
      if (layout_.node_of(contact) < count) order_.push_back(layout_.node_of(contact));
    for (const NodeIndex node : order_) knows(node, order_);
  }

  // Sorted by key.
  const std::vector<NodeIndex>& order() const { return order_; }
  NodeIndex later() const { return static_cast<NodeIndex>(order_.size()); }

  // Gives the node the tables of an ideal ring of itself and these.
  void knows(NodeIndex node, std::vector<NodeIndex> members) {
    std::vector<ring::Contact> contacts;
    for (const NodeIndex member : std::set(members.begin(), members.end())) contacts.push_back(contact(member));
    if (std::find(members.begin(), members.end(), node) == members.end()) contacts.push_back(contact(node));
    std::sort(contacts.begin(), contacts.end());
    const auto index = std::find(contacts.begin(), contacts.end(), contact(node)) - contacts.begin();
    nodes_.insert_or_assign(node, ring::Node::converged(options(), contacts, static_cast<std::size_t>(index)));
  }
  void runs_outside(NodeIndex node, NodeIndex door) {
    const Address address = contact(door).address;
    nodes_.insert_or_assign(node, ring::Node::joining(options(), contact(node).key, {&address, 1}));
    step(StepKind::start, node, {});
  }
  void stops(NodeIndex node, Duration at) {
    nodes_.erase(node);
    step(StepKind::crash, node, at);
  }
  void joins(NodeIndex node, Duration at) {
    run_->on_trace(time_zero + at, node, index_of(ring::TraceEvent::joined), {});
  }
  // The member has lost all others, and asks this one for its place.
  void looks_for_the_ring(NodeIndex node, NodeIndex door) {
    const Address address = contact(door).address;
    nodes_.insert_or_assign(node, ring::Node::joining(options(), contact(node).key, {&address, 1}));
  }
  void suspects(NodeIndex node, NodeIndex other, Duration at) {
    run_->on_trace(time_zero + at, node, index_of(ring::TraceEvent::peer_suspected), {contact(other).key.value});
  }

  // The properties that do not hold at this look.
  Names wrong(Duration at, Disturbances disturbances = Disturbances(std::chrono::minutes(1))) {
    PropertyChecker checker;
    checker.begin_look(at, disturbances);
    run_->check(*this, checker);
    Names names;
    for (const ViolatedProperty& violated : checker.violations()) names.insert(violated.property);
    return names;
  }

  bool is_up(NodeIndex node) const override { return nodes_.contains(node); }
  std::unique_ptr<StoredBytes> stored(NodeIndex, ContentKey) const override { return nullptr; }
  sim::LinkLimit uplink(NodeIndex) const override { return {}; }
  sim::LinkLimit downlink(NodeIndex) const override { return {}; }

 private:
  const void* state(NodeIndex node, const std::type_info&) const override {
    const auto found = nodes_.find(node);
    return found == nodes_.end() ? nullptr : &found->second;
  }
  ring::Contact contact(NodeIndex node) const {
    return layout_.contact_of(plans_[node < order_.size() || order_.empty() ? 0 : 1], node);
  }
  ring::Node::SharedOptions options() const { return ring_options_of(plans_[0]).options; }
  void step(StepKind kind, NodeIndex node, Duration at) {
    Step step;
    step.time = time_zero + at;
    step.destination = node;
    step.kind = kind;
    run_->on_step(step);
  }

  Scenario scenario_;
  std::vector<GroupPlan> plans_;
  RingLayout layout_;
  std::unique_ptr<ProtocolRun> run_;
  std::vector<NodeIndex> order_;
  std::map<NodeIndex, ring::Node> nodes_;
};

constexpr Duration soon = std::chrono::seconds(10);
constexpr Duration late = std::chrono::minutes(10);

}  // namespace

TEST_CASE("nothing is wrong with a proper ring") {
  MadeRing ring(8);
  CHECK(ring.wrong(soon).empty());
}

TEST_CASE("two rings, a member that is skipped and a short list each violate their own property") {
  MadeRing split(8);
  for (std::size_t i = 0; i < 8; ++i)
    split.knows(split.order()[i],
                {split.order()[i % 2], split.order()[i % 2 + 2], split.order()[i % 2 + 4], split.order()[i % 2 + 6]});
  CHECK(split.wrong(soon) == Names{"enough principal members", "no appendages", "one cycle in the order of keys",
                                   "successor lists are complete"});
  MadeRing passed(8);
  std::vector<NodeIndex> others = passed.order();
  others.erase(others.begin() + 3);
  passed.knows(passed.order()[2], others);
  CHECK(passed.wrong(soon) == Names{"no appendages", "one cycle in the order of keys", "successor lists are complete"});
  MadeRing shorter(8);
  shorter.knows(shorter.order()[2], {shorter.order()[3]});
  CHECK(shorter.wrong(soon) == Names{"successor lists are complete"});
}

TEST_CASE("a member that knows only members that never existed has no live successor") {
  MadeRing ring(8);
  ring.knows(ring.order()[2], {ring.later()});
  CHECK(ring.wrong(soon).contains("every member has a live successor"));
  // While silence need not mean death, that may happen.
  Disturbances cut(std::chrono::minutes(1));
  cut.note(Partition{"p", {0}, {1}}, Duration::zero());
  CHECK(ring.wrong(soon, cut).empty());
}

TEST_CASE("a member whose whole list stops at once is guaranteed a successor again only after a while") {
  MadeRing ring(8);
  ring.stops(ring.order()[3], soon);
  ring.stops(ring.order()[4], soon);
  Disturbances crashes(std::chrono::minutes(1));
  crashes.note(CrashNodes{{ring.order()[3], ring.order()[4]}}, soon);
  CHECK(ring.wrong(soon, crashes).empty());
  CHECK(ring.wrong(late, crashes).contains("every member has a live successor"));
}

TEST_CASE("parts of a ring need not meet if who suspected a member of the other stops, until the ring is whole again") {
  for (const std::size_t stops : {0u, 1u}) {
    MadeRing ring(8);
    std::vector<NodeIndex> all = ring.order();
    const auto split = [&] {
      for (std::size_t i = 0; i < all.size(); ++i) ring.knows(all[i], {all[i % 2], all[i % 2 + 2], all[i % 2 + 4]});
    };
    split();
    ring.suspects(all[0], all[1], soon);
    CHECK(ring.wrong(late).contains("one cycle in the order of keys"));
    ring.stops(all[stops], soon);
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(stops));
    split();
    CHECK(ring.wrong(late).empty());
    for (const NodeIndex node : all) ring.knows(node, all);
    CHECK(ring.wrong(late).empty());
    split();
    CHECK(ring.wrong(late).contains("one cycle in the order of keys"));
  }
}

TEST_CASE("a member that loses all but one of its list must still know that one") {
  MadeRing ring(8);
  ring.knows(ring.order()[2], {ring.order()[3]});
  ring.stops(ring.order()[3], soon);
  Disturbances crash(std::chrono::minutes(1));
  crash.note(CrashNodes{{ring.order()[3]}}, soon);
  CHECK(ring.wrong(soon, crash) == Names{"every member has a live successor"});
}

TEST_CASE("principal members are missed only if there were any and more than that have stopped") {
  MadeRing ring(4);
  CHECK(ring.wrong(soon).empty());
  for (const NodeIndex node : ring.order()) ring.knows(node, {});
  for (std::size_t i = 0; i < 4; ++i) ring.knows(ring.order()[i], {ring.order()[i], ring.order()[(i + 2) % 4]});
  CHECK(ring.wrong(soon * 2).contains("enough principal members"));
  CHECK_FALSE(ring.wrong(soon * 3).contains("enough principal members"));  // detected by now
}

TEST_CASE("a running node that stays outside is wrong if it knows a member") {
  MadeRing ring(8, 1);
  ring.runs_outside(ring.later(), ring.order()[0]);
  Disturbances start(std::chrono::minutes(1));
  start.note(StartNodes{{ring.later()}}, Duration::zero());
  CHECK(ring.wrong(soon, start).empty());
  CHECK(ring.wrong(late, start) == Names{"every running node is a member"});
}

TEST_CASE("a node that joins late has to be listed by others only after a while") {
  MadeRing ring(8, 1);
  ring.knows(ring.later(), ring.order());
  ring.joins(ring.later(), late);
  CHECK(ring.wrong(late + soon).empty());
  CHECK(ring.wrong(2 * late).contains("successor lists are complete"));
}

TEST_CASE("a member that looks for the ring is waited for, but not for ever") {
  MadeRing ring(8, 1);
  Disturbances start(std::chrono::minutes(1));
  start.note(StartNodes{{ring.later()}}, Duration::zero());
  ring.looks_for_the_ring(ring.order()[0], ring.order()[1]);
  ring.runs_outside(ring.later(), ring.order()[0]);
  CHECK(ring.wrong(late, start).empty());
  CHECK(ring.wrong(2 * late, start).empty() == false);
}

TEST_CASE("a ring that is still forming is not taken for a broken one") {
  for (const char* start : {"{joining: {at: 0s, spacing: 0s}}", "joining", "{joining: {at: 3s, spacing: 100ms}}"})
    for (const int count : {1, 2, 5, 12, 40}) {
      const RunResult result = run_text("duration: 5min\ngroups: {a: {protocol: ring, count: " + std::to_string(count) +
                                        ", start: " + start + "}}\nworkload: [{rate: 1/s, do: \"lookup {key}\"}]\n");
      CAPTURE(start, count, violations_of(result));
      CHECK(result.violation_count == 0);
      if (count <= 12) CHECK(value(result, "check.one cycle in the order of keys.looks") >= 15);
    }
}

TEST_CASE("a ring that grew from fewer members than its lists hold is not blamed for its principals") {
  const RunResult result = run_text(R"(duration: 5min
groups:
  core: {protocol: ring, count: 3}
  new: {protocol: ring, count: 20, start: never}
churn: [{flash_crowd: new, within: 20s, from: 10s}]
)");
  CAPTURE(violations_of(result));
  CHECK(result.violation_count == 0);
  CHECK(value(result, "check.enough principal members.looks") > 10);
}

TEST_CASE("a member that has just come back may be skipped by a list that was under way") {
  const RunResult result = run_text(R"(duration: 22s
seed: 4141272075
groups:
  nodes:
    protocol: ring
    options: {successor_list_length: 3, stabilize_period: 2s, check_predecessor_period: 2s, lookup_timeout: 500ms,
              identifiers: [0, 1, 2, 3, 4]}
    count: 5
faults:
  - {at: 20s, leave: 3}
  - {at: 20s, start: 3}
  - {at: 21s, crash: 0}
checks: {changes: true}
)");
  CAPTURE(violations_of(result));
  CHECK(result.violation_count == 0);
}

TEST_CASE("who has waited long for a peer is given the time to notice its death") {
  for (const char* stopped : {"1", "[1, 2]", "[2, 3]"})
    for (const char* at : {"12200ms", "15s", "18s"}) {
      const RunResult result = run_text(R"(duration: 2min
network: {latency: 20ms}
groups:
  nodes:
    protocol: ring
    count: 5
    options: {successor_list_length: 3, stabilize_period: 2s, check_predecessor_period: 2s, initial_timeout: 500ms,
              rpc_timeout: 250ms, rpc_attempts: 2, lookup_timeout: 500ms, identifiers: [0, 50, 100, 150, 200]}
faults:
  - {at: 10s, clog: [1, 2], for: 2s}
  - {at: )" + std::string(at) +
                                        ", crash: " + stopped + R"(}
checks: {every: 1s, settle: 10s, changes: true}
)");
      CAPTURE(stopped, at, violations_of(result));
      CHECK(result.violation_count == 0);
      CHECK(value(result, "check.successor lists are complete.looks") > 50);
    }
}

TEST_CASE("newcomers that joined through a member that stops at once need not find one another") {
  const RunResult result = run_text(R"(duration: 3min
groups:
  core: {protocol: ring, count: 1}
  new: {protocol: ring, count: 2, start: never}
faults:
  - {at: 20s, start: new}
  - {at: 20100ms, crash: core}
)");
  CAPTURE(violations_of(result));
  CHECK(result.violation_count == 0);
}

TEST_CASE("small rings survive restarts, partitions and pauses without false violations") {
  const std::vector<std::string> faults{"rolling_restart: a, spacing: 20s, for: 10s, graceful: true",
                                        "rolling_restart: a, spacing: 15s, for: 1s",
                                        "rolling_restart: a, spacing: 20s, for: 5s, disk: wipe",
                                        "partition: a.0, for: 90s",
                                        "partition: {random: 50%}, for: 90s",
                                        "pause: a.1, for: 90s",
                                        "lie: a.1, for: 90s",
                                        "network: {loss: 60%}, for: 90s"};
  for (const std::string& fault : faults)
    for (const char* shape :
         {"count: 2, options: {successor_list_length: 1, replicas: 2}", "count: 5, options: {successor_list_length: 2}",
          "count: 12", "count: 12, options: {successor_list_length: 1, replicas: 2}"}) {
      const RunResult result = run_text("duration: 8min\ngroups: {a: {protocol: ring, " + std::string(shape) +
                                        "}}\nfaults: [{at: 1min, " + fault + "}]\n");
      CAPTURE(fault, shape, violations_of(result));
      CHECK(result.violation_count == 0);
      CHECK(value(result, "check.no appendages.looks") > 5);
    }
}

TEST_CASE("a look precedes the actions of its instant") {
  const RunResult result = run_text(R"(duration: 2min
groups: {a: {protocol: ring, count: 1}}
workload: [{every: 500ms, until: 20s, do: "put n{number} x"}]
faults: [{at: 90s, crash: a.0, for: 10s}]
)");
  CAPTURE(violations_of(result));
  CHECK(result.violation_count == 0);
}

TEST_CASE("a lookup in one half of a partitioned ring succeeds, but is not correct") {
  const std::string ring =
      "duration: 8min\nmeasure_from: 3min\ngroups: {a: {protocol: ring, count: 40}}\n"
      "workload: [{rate: 10/s, do: \"lookup {key}\"}]\n";
  const RunResult whole = run_text(ring);
  CHECK(value(whole, "lookup.done.success.share") == 1);
  CHECK(value(whole, "lookup.done.correct.share") == 1);
  const RunResult halves = run_text(ring + "faults: [{at: 30s, partition: {random: 50%}}]\n");
  CHECK(value(halves, "lookup.done.success.share") > 0.99);
  CHECK(value(halves, "lookup.done.correct.share") < 0.7);
  CHECK(value(halves, "lookup.done.correct.share") > 0.3);
}

TEST_CASE("an answer is correct if it was so at some instant of the lookup") {
  const Scenario scenario = load_text("duration: 1h\ngroups:\n  a: {protocol: ring, count: 5}\n");
  const auto layout = std::make_shared<const RingLayout>(std::vector{scenario.groups[0].plan}, scenario.seed);
  const auto everyone = layout->everyone();
  const auto at = [](int seconds) { return time_zero + std::chrono::seconds(seconds); };
  const ring::Key key{everyone[2].key.value - 1};
  RingHistory history(layout);
  CHECK(history.owned(everyone[2].key, key, at(0), at(1)));
  CHECK_FALSE(history.owned(everyone[3].key, key, at(0), at(1)));
  history.note_end(at(10), layout->node_of(everyone[2]));
  CHECK(history.owned(everyone[2].key, key, at(9), at(11)));
  CHECK(history.owned(everyone[3].key, key, at(9), at(11)));
  CHECK_FALSE(history.owned(everyone[4].key, key, at(9), at(11)));
  CHECK_FALSE(history.owned(everyone[2].key, key, at(11), at(12)));
  history.note_start(at(20), layout->node_of(everyone[2]));
  CHECK(history.owned(everyone[3].key, key, at(20), at(21)));
  history.note_joined(at(22), layout->node_of(everyone[2]));
  CHECK(history.owned(everyone[3].key, key, at(21), at(23)));
  CHECK(history.owned(everyone[2].key, key, at(21), at(23)));
  CHECK_FALSE(history.owned(everyone[3].key, key, at(23), at(24)));
  // Keys past the last one belong to the first member.
  CHECK(history.owned(everyone[0].key, ring::Key{everyone[4].key.value + 1}, at(30), at(31)));
  CHECK_FALSE(history.owned(ring::Key{key.value}, key, at(30), at(31)));  // no node has that key
}

TEST_CASE("for each property the first and the last violation and their number are kept") {
  PropertyChecker checker;
  for (int second = 1; second <= 50; ++second) {
    checker.begin_look(std::chrono::seconds(second), Disturbances(Duration::zero()));
    checker.expect("early", second > 40, [&] { return "at " + std::to_string(second); });
    checker.expect("late", second != 45, [&] { return "at " + std::to_string(second); });
    checker.expect("never", true, [] { return ""; });
  }
  CHECK(checker.violation_count() == 41);
  const auto violations = checker.violations();
  REQUIRE(violations.size() == 2);
  CHECK(violations[0].property == "early");
  CHECK(violations[0].count == 40);
  CHECK(violations[0].first.what == "at 1");
  CHECK(violations[0].last.what == "at 40");
  CHECK(violations[0].last.at == std::chrono::seconds(40));
  CHECK(violations[1].count == 1);
  CHECK(violations[1].first.what == violations[1].last.what);
}

TEST_CASE("joining nodes know the members that the scenario says") {
  const std::string ring =
      "duration: 5min\ngroups:\n  n: {protocol: ring, count: 9}\n"
      "  new: {protocol: ring, count: 3, start: {joining: {at: 2min}}, bootstrap: ";
  const std::string faults = "}\nfaults: [{at: 60s, crash: 1-8}]\n";
  CHECK(value(run_text(ring + "n.0" + faults), "ring.members") == 4);
  CHECK(value(run_text(ring + "[n.0, n.5]" + faults), "ring.members") == 4);
  CHECK(value(run_text(ring + "{random: 8, of: [n.0, 3-4]}" + faults), "ring.members") == 4);
  // Nodes that know only dead ones stay outside; nothing else was guaranteed to them.
  const RunResult lost = run_text(ring + "[n.1, n.2]" + faults);
  CHECK(value(lost, "ring.members") == 1);
  CHECK(lost.violation_count == 0);
  const auto complaint = [](const std::string& text) {
    try {
      load_text(text);
      return std::string("no complaint");
    } catch (const ScenarioError& error) {
      return std::string(error.what());
    }
  };
  CHECK(complaint(ring + "{random: 50%, of: n}" + faults).find("are a number of nodes") != std::string::npos);
  CHECK(complaint(ring + "nobody" + faults).find("no node or group is called 'nobody'") != std::string::npos);
  CHECK(complaint("duration: 1s\ngroups:\n  t: {protocol: swarm, count: 1, options: {role: tracker}, bootstrap: t}\n")
            .find("take no initial contacts") != std::string::npos);
}
