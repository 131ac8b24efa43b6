// What processes show of their nodes: checks, measures and pictures that see likenesses say what they say of the nodes.

#include <map>

#include "protocols/ring/node.h"
#include "protocols/swarm/peer.h"
#include "scenarios/run/judgement.h"
#include "scenarios/stages/simulated_stage.h"
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

// A scene whose nodes are seen as from another process. The scene itself outlives it.
template <class N>
class Likenesses final : public Scene {
 public:
  Likenesses(const SimulatedStage& stage, const Scenario& scenario, ProtocolRun& run) : stage_(stage) {
    for (const Group& group : scenario.groups) {
      const std::shared_ptr<Population> population = run.populate(group.plan);
      for (std::size_t i = 0; i < group.plan.count; ++i) {
        const auto node = group.plan.first + static_cast<NodeIndex>(i);
        if (!population->is_visible() || !stage.is_up(node)) continue;
        const auto likeness = population->likeness(node, 0);
        REQUIRE(population->complete(likeness.get(), shown_by(*stage.node<N>(node))));
        likenesses_[node] = likeness;
      }
    }
  }

  void hide(NodeIndex node) { likenesses_.erase(node); }
  bool is_up(NodeIndex node) const override { return stage_.is_up(node); }
  bool runs(NodeIndex node) const override { return stage_.runs(node); }
  Duration elapsed() const override { return stage_.elapsed(); }
  bool has_harmed_messages() const override { return stage_.has_harmed_messages(); }
  std::unique_ptr<StoredBytes> stored(NodeIndex node, ContentKey key) const override {
    return stage_.stored(node, key);
  }
  sim::LinkLimit uplink(NodeIndex node) const override { return stage_.uplink(node); }
  sim::LinkLimit downlink(NodeIndex node) const override { return stage_.downlink(node); }

 private:
  const void* state(NodeIndex node, const std::type_info& type) const override {
    REQUIRE(type == typeid(N));
    const auto found = likenesses_.find(node);
    return found == likenesses_.end() ? nullptr : found->second.get();
  }

  const SimulatedStage& stage_;
  std::map<NodeIndex, std::shared_ptr<void>> likenesses_;
};

// What checks say at one look, and what is measured.
std::vector<std::string> said(ProtocolRun& run, const Scene& scene) {
  Judgement judgement;
  judgement.begin_look(Duration::zero(), Disturbances(Duration::zero()));
  run.check(scene, judgement);
  analysis::Metrics metrics;
  judgement.write_to(metrics);
  run.measure(scene, metrics);
  std::vector<std::string> lines;
  for (const auto& [name, metric] : metrics.all())
    if (name.find("first_successors") == std::string::npos)  // of all looks so far
      lines.push_back(name + " = " + std::to_string(metric.value));
  for (const ViolatedProperty& violated : judgement.violations())
    lines.push_back(violated.property + ": " + violated.last.what);
  return lines;
}

// The scenario, played up to each of the moments; `compare` sees it there.
void at_moments(const std::string& text, const std::vector<int>& seconds, auto&& compare) {
  for (const int moment : seconds) {
    Scenario scenario = load_scenario(parse_document(text, "t.yaml"), standard_protocols());
    scenario.duration = std::chrono::seconds(moment);
    SimulatedStage stage(scenario, sim::EventQueueKind::wheel);
    run_scenario(scenario, stage, {});
    CAPTURE(moment);
    compare(stage, scenario);
  }
}

TEST_CASE("of a ring's likenesses is said what is said of its nodes") {
  std::size_t violated = 0;
  at_moments(peerbed::tests::eventful, {1, 6, 14, 22, 40}, [&](SimulatedStage& stage, const Scenario& scenario) {
    ProtocolRun& run = *stage.runs().front();
    const Likenesses<ring::Node> likenesses(stage, scenario, run);
    const auto expected = said(run, stage);
    CHECK(said(run, likenesses) == expected);
    REQUIRE(expected.size() > 15);
    for (const std::string& line : expected) violated += line.find(": ") != std::string::npos ? 1 : 0;
    for (NodeIndex node = 0; node < stage.size(); ++node) {
      if (!stage.is_up(node)) continue;
      const auto& state = *stage.node<ring::Node>(node);
      const auto& likeness = *likenesses.node<ring::Node>(node);
      CHECK(likeness.self() == state.self());
      CHECK(likeness.predecessor() == state.predecessor());
      CHECK(likeness.value_count() == state.value_count());
      CHECK(std::equal(likeness.fingers().begin(), likeness.fingers().end(), state.fingers().begin(),
                       state.fingers().end()));
    }
  });
  CHECK(violated > 0);  // or there would be little to say
}

TEST_CASE("of the coursework's peers likenesses say the same too") {
  const std::string text = R"(duration: 60s
groups:
  peers:
    protocol: ring
    count: 6
    options: {profile: coursework, identifiers: [2, 4, 5, 8, 12, 15]}
faults: [{at: 20s, crash: peers.3}]
)";
  at_moments(text, {10, 22, 60}, [&](SimulatedStage& stage, const Scenario& scenario) {
    ProtocolRun& run = *stage.runs().front();
    const Likenesses<ring::Node> likenesses(stage, scenario, run);
    CHECK(said(run, likenesses) == said(run, stage));
    const auto& likeness = *likenesses.node<ring::Node>(0);
    CHECK(likeness.joined());
    CHECK(likeness.predecessor() == stage.node<ring::Node>(0)->predecessor());
    CHECK(likeness.second_predecessor() == stage.node<ring::Node>(0)->second_predecessor());
  });
}

TEST_CASE("nothing is said of a ring of which a running node is not seen") {
  at_moments(peerbed::tests::eventful, {6}, [&](SimulatedStage& stage, const Scenario& scenario) {
    ProtocolRun& run = *stage.runs().front();
    Likenesses<ring::Node> likenesses(stage, scenario, run);
    NodeIndex running = 0;
    while (!stage.is_up(running)) ++running;
    likenesses.hide(running);
    const auto lines = said(run, likenesses);
    const auto is_of_states = [](const std::string& line) {
      return line.starts_with("check.") || line.starts_with("overlay.") || line.starts_with("ring.members");
    };
    CHECK(std::none_of(lines.begin(), lines.end(), is_of_states));
    CHECK(std::count(lines.begin(), lines.end(), "violations = 0.000000") == 1);
  });
}

TEST_CASE("of a swarm's likenesses is said what is said of its peers") {
  at_moments(peerbed::tests::small_swarm, {1, 6, 30}, [&](SimulatedStage& stage, const Scenario& scenario) {
    ProtocolRun& run = *stage.runs().front();
    const Likenesses<swarm::Peer> likenesses(stage, scenario, run);
    CHECK(said(run, likenesses) == said(run, stage));
    for (NodeIndex node = 1; node < stage.size(); ++node) {
      const auto& peer = *stage.node<swarm::Peer>(node);
      const auto& likeness = *likenesses.node<swarm::Peer>(node);
      CHECK(likeness.uploaded() == peer.uploaded());
      CHECK(likeness.downloaded() == peer.downloaded());
      REQUIRE(likeness.files().size() == peer.files().size());
      for (std::size_t i = 0; i < peer.files().size(); ++i) {
        CHECK(likeness.files()[i].has_manifest() == peer.files()[i].has_manifest());
        CHECK(likeness.files()[i].map.verified_count() == peer.files()[i].map.verified_count());
      }
    }
  });
}

TEST_CASE("of what a node shows no part is taken for the whole, and nothing more") {
  at_moments(peerbed::tests::eventful, {14}, [&](SimulatedStage& stage, const Scenario& scenario) {
    const auto population = stage.runs().front()->populate(scenario.groups.front().plan);
    std::vector<std::byte> bytes = shown_by(*stage.node<ring::Node>(0));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(population->complete(population->likeness(0, 0).get(), Bytes(bytes).first(size)));
    }
    bytes.push_back(std::byte{0});
    CHECK_FALSE(population->complete(population->likeness(0, 0).get(), bytes));
  });
}

TEST_CASE("what is wrong at the look alone that follows a rehearsal is no violation") {
  const auto look = [](Judgement& judgement, bool first, bool second) {
    judgement.begin_look(Duration::zero(), Disturbances(Duration::zero()));
    const auto text = [] { return std::string("it was wrong"); };
    judgement.begin_rehearsal();
    judgement.expect("one", first, text);
    judgement.expect("other", false, text);
    CHECK(judgement.end_rehearsal());
    judgement.expect("one", second, text);
    judgement.expect("other", true, text);
  };
  Judgement judgement;
  look(judgement, true, true);
  look(judgement, false, true);
  look(judgement, true, false);
  CHECK(judgement.violation_count() == 0);
  look(judgement, false, false);
  CHECK(judgement.violation_count() == 1);
  analysis::Metrics metrics;
  judgement.write_to(metrics);
  CHECK(metrics.find("check.one.looks")->value == 4);
  CHECK(metrics.find("check.one.share")->value == 0.75);
  CHECK(metrics.find("check.other.share")->value == 1);
}

}  // namespace
