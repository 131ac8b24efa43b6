// What processes expose of their nodes: checks, measurements and snapshots of mirrors give the same results as those of
// the nodes.

#include <map>

#include "protocols/coursework/node.h"
#include "protocols/kademlia/node.h"
#include "protocols/ring/node.h"
#include "protocols/swarm/peer.h"
#include "protocols/swim/node.h"
#include "scenarios/backends/simulated_backend.h"
#include "scenarios/run/property_checker.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"
#include "tests/scenarios/eventful.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

template <class N>
std::vector<std::byte> shown_by(const N& node) {
  std::vector<std::byte> bytes;
  node.append_visible_state(bytes);
  return bytes;
}

// A view that sees its nodes as if they were in another process. The view underneath must outlive it.
template <class N>
class Likenesses final : public StateView {
 public:
  Likenesses(const SimulatedBackend& backend, const Scenario& scenario, ProtocolRun& run) : backend_(backend) {
    for (const Group& group : scenario.groups) {
      const std::shared_ptr<Population> population = run.populate(group.plan);
      for (std::size_t i = 0; i < group.plan.count; ++i) {
        const auto node = group.plan.first + static_cast<NodeIndex>(i);
        if (!population->is_visible() || !backend.is_up(node)) continue;
        const auto mirror = population->mirror(node, 0);
        REQUIRE(population->complete(mirror.get(), shown_by(*backend.node<N>(node))));
        mirrors_[node] = mirror;
      }
    }
  }

  void hide(NodeIndex node) { mirrors_.erase(node); }
  bool is_up(NodeIndex node) const override { return backend_.is_up(node); }
  bool runs(NodeIndex node) const override { return backend_.runs(node); }
  Duration elapsed() const override { return backend_.elapsed(); }
  bool has_harmed_messages() const override { return backend_.has_harmed_messages(); }
  std::unique_ptr<StoredBytes> stored(NodeIndex node, ContentKey key) const override {
    return backend_.stored(node, key);
  }
  sim::LinkLimit uplink(NodeIndex node) const override { return backend_.uplink(node); }
  sim::LinkLimit downlink(NodeIndex node) const override { return backend_.downlink(node); }

 private:
  const void* state(NodeIndex node, const std::type_info& type) const override {
    REQUIRE(type == typeid(N));
    const auto found = mirrors_.find(node);
    return found == mirrors_.end() ? nullptr : found->second.get();
  }

  const SimulatedBackend& backend_;
  std::map<NodeIndex, std::shared_ptr<void>> mirrors_;
};

// What checks report at one look, so late that all must have mended, and what is measured.
std::vector<std::string> said(ProtocolRun& run, const StateView& states) {
  PropertyChecker checker;
  checker.begin_look(std::chrono::hours(1), Disturbances(Duration::zero()));
  run.check(states, checker);
  analysis::Metrics metrics;
  checker.write_to(metrics);
  run.measure(states, metrics);
  std::vector<std::string> lines;
  for (const auto& [name, metric] : metrics.all())
    if (name.find("first_successors") == std::string::npos)  // over all looks so far
      lines.push_back(name + " = " + std::to_string(metric.value));
  for (const ViolatedProperty& violated : checker.violations())
    lines.push_back(violated.property + ": " + violated.last.what);
  return lines;
}

// Plays the scenario up to each of the moments, and calls `compare` there.
void at_moments(const std::string& text, const std::vector<int>& seconds, auto&& compare) {
  for (const int moment : seconds) {
    Scenario scenario = load_scenario(parse_document(text, "t.yaml"), standard_protocols());
    scenario.duration = std::chrono::seconds(moment);
    SimulatedBackend backend(scenario, sim::EventQueueKind::wheel);
    run_scenario(scenario, backend, {});
    CAPTURE(moment);
    compare(backend, scenario);
  }
}

TEST_CASE("a ring's mirrors give the same results as its nodes") {
  std::size_t violated = 0;
  at_moments(peerbed::tests::eventful, {1, 6, 14, 22, 40}, [&](SimulatedBackend& backend, const Scenario& scenario) {
    ProtocolRun& run = *backend.runs().front();
    const Likenesses<ring::Node> mirrors(backend, scenario, run);
    const auto expected = said(run, backend);
    CHECK(said(run, mirrors) == expected);
    REQUIRE(expected.size() > 15);
    for (const std::string& line : expected) violated += line.find(": ") != std::string::npos ? 1 : 0;
    for (NodeIndex node = 0; node < backend.size(); ++node) {
      if (!backend.is_up(node)) continue;
      const auto& state = *backend.node<ring::Node>(node);
      const auto& mirror = *mirrors.node<ring::Node>(node);
      CHECK(mirror.self() == state.self());
      CHECK(mirror.predecessor() == state.predecessor());
      CHECK(mirror.value_count() == state.value_count());
      CHECK(
          std::equal(mirror.fingers().begin(), mirror.fingers().end(), state.fingers().begin(), state.fingers().end()));
    }
  });
  CHECK(violated > 0);  // otherwise little would be tested
}

TEST_CASE("mirrors of coursework peers give the same results, too") {
  const std::string text = R"(duration: 60s
groups:
  peers:
    protocol: coursework
    count: 6
    options: {identifiers: [2, 4, 5, 8, 12, 15]}
faults: [{at: 20s, crash: peers.3}]
)";
  at_moments(text, {10, 22, 60}, [&](SimulatedBackend& backend, const Scenario& scenario) {
    ProtocolRun& run = *backend.runs().front();
    const Likenesses<coursework::Node> mirrors(backend, scenario, run);
    CHECK(said(run, mirrors) == said(run, backend));
    const auto& mirror = *mirrors.node<coursework::Node>(0);
    CHECK(mirror.joined());
    CHECK(mirror.predecessor() == backend.node<coursework::Node>(0)->predecessor());
    CHECK(mirror.second_predecessor() == backend.node<coursework::Node>(0)->second_predecessor());
  });
}

TEST_CASE("mirrors of Kademlia's nodes give the same results, too") {
  const std::string text = R"(duration: 60s
groups: {nodes: {protocol: kademlia, count: 30, options: {bucket_size: 4}}}
workload: [{every: 1s, times: 30, do: "lookup {key}"}]
faults: [{at: 20s, crash: {random: 20%}}]
)";
  at_moments(text, {10, 22, 60}, [&](SimulatedBackend& backend, const Scenario& scenario) {
    ProtocolRun& run = *backend.runs().front();
    const Likenesses<kademlia::Node> mirrors(backend, scenario, run);
    CHECK(said(run, mirrors) == said(run, backend));
    const auto& mirror = *mirrors.node<kademlia::Node>(0);
    CHECK(mirror.joined());
    CHECK(mirror.table().size() == backend.node<kademlia::Node>(0)->table().size());
  });
}

TEST_CASE("mirrors of SWIM's members give the same results, too") {
  const std::string text = R"(duration: 60s
groups: {members: {protocol: swim, count: 30}}
faults: [{at: 20s, crash: {random: 20%}}]
)";
  at_moments(text, {10, 22, 60}, [&](SimulatedBackend& backend, const Scenario& scenario) {
    ProtocolRun& run = *backend.runs().front();
    const Likenesses<swim::Node> mirrors(backend, scenario, run);
    CHECK(said(run, mirrors) == said(run, backend));
    const auto& mirror = *mirrors.node<swim::Node>(0);
    CHECK(mirror.joined());
    CHECK(mirror.members().living() == backend.node<swim::Node>(0)->members().living());
  });
}

TEST_CASE("nothing is reported about a ring if one of its running nodes is not seen") {
  at_moments(peerbed::tests::eventful, {6}, [&](SimulatedBackend& backend, const Scenario& scenario) {
    ProtocolRun& run = *backend.runs().front();
    Likenesses<ring::Node> mirrors(backend, scenario, run);
    NodeIndex running = 0;
    while (!backend.is_up(running)) ++running;
    mirrors.hide(running);
    const auto lines = said(run, mirrors);
    const auto is_of_states = [](const std::string& line) {
      return line.starts_with("check.") || line.starts_with("overlay.") || line.starts_with("ring.members");
    };
    CHECK(std::none_of(lines.begin(), lines.end(), is_of_states));
    CHECK(std::count(lines.begin(), lines.end(), "violations = 0.000000") == 1);
  });
}

TEST_CASE("a swarm's mirrors give the same results as its peers") {
  at_moments(peerbed::tests::small_swarm, {1, 6, 30}, [&](SimulatedBackend& backend, const Scenario& scenario) {
    ProtocolRun& run = *backend.runs().front();
    const Likenesses<swarm::Peer> mirrors(backend, scenario, run);
    CHECK(said(run, mirrors) == said(run, backend));
    for (NodeIndex node = 1; node < backend.size(); ++node) {
      const auto& peer = *backend.node<swarm::Peer>(node);
      const auto& mirror = *mirrors.node<swarm::Peer>(node);
      CHECK(mirror.uploaded() == peer.uploaded());
      CHECK(mirror.downloaded() == peer.downloaded());
      REQUIRE(mirror.files().size() == peer.files().size());
      for (std::size_t i = 0; i < peer.files().size(); ++i) {
        CHECK(mirror.files()[i].has_manifest() == peer.files()[i].has_manifest());
        CHECK(mirror.files()[i].map.verified_count() == peer.files()[i].map.verified_count());
      }
    }
  });
}

TEST_CASE("a node's state is accepted only if it is complete and has no extra bytes") {
  at_moments(peerbed::tests::eventful, {14}, [&](SimulatedBackend& backend, const Scenario& scenario) {
    const auto population = backend.runs().front()->populate(scenario.groups.front().plan);
    std::vector<std::byte> bytes = shown_by(*backend.node<ring::Node>(0));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(population->complete(population->mirror(0, 0).get(), Bytes(bytes).first(size)));
    }
    bytes.push_back(std::byte{0});
    CHECK_FALSE(population->complete(population->mirror(0, 0).get(), bytes));
  });
}

TEST_CASE("what is wrong only at the look after a rehearsal is not a violation") {
  const auto look = [](PropertyChecker& checker, bool first, bool second) {
    checker.begin_look(Duration::zero(), Disturbances(Duration::zero()));
    const auto text = [] { return std::string("it was wrong"); };
    checker.begin_rehearsal();
    checker.expect("one", first, text);
    checker.expect("other", false, text);
    CHECK(checker.end_rehearsal());
    checker.expect("one", second, text);
    checker.expect("other", true, text);
  };
  PropertyChecker checker;
  look(checker, true, true);
  look(checker, false, true);
  look(checker, true, false);
  CHECK(checker.violation_count() == 0);
  look(checker, false, false);
  CHECK(checker.violation_count() == 1);
  analysis::Metrics metrics;
  checker.write_to(metrics);
  CHECK(metrics.find("check.one.looks")->value == 4);
  CHECK(metrics.find("check.one.share")->value == 0.75);
  CHECK(metrics.find("check.other.share")->value == 1);
}

}  // namespace
