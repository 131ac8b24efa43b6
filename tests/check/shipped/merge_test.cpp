// States with one canonical form go on alike: what is explored from one of them need not be explored from the other.

#include <map>
#include <memory>
#include <utility>

#include "protocols/environment/random.h"
#include "tests/catch.h"
#include "tests/check/shipped/forms.h"
#include "tests/check/shipped/shipped_coursework.h"
#include "tests/check/shipped/shipped_ring.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

constexpr std::size_t predecessor = 1;  // of a ring node
constexpr std::size_t successors = 4;
constexpr std::size_t cold_state = 13;
constexpr std::size_t missed_pings = 5;  // of a peer of the coursework

struct Sample {
  std::size_t pairs = 0;      // of concrete states with one form
  std::size_t differing = 0;  // of them, those that go on differently
};

// Random ways through the concrete states. Of each canonical form the first concrete state is kept, and compared with
// those that come later: all their successors must have equal forms.
template <class N, class Form>
class MergeWalk {
 public:
  using System = NodeSystem<N, ConcreteForm<N>>;
  using Forms = std::vector<std::pair<Action, Fingerprint>>;

  MergeWalk(std::unique_ptr<System> system, Form form) : system_(std::move(system)), form_(std::move(form)) {}

  Sample walk(std::size_t steps, std::uint64_t seed) {
    Sample sample;
    KeyedStream draws(seed);
    NodeState state;
    for (std::size_t step = 0; step < steps; ++step) {
      if (step % 100 == 0) state = system_->initial_states().front();
      std::vector<std::pair<Action, NodeState>> next;
      system_->successors(workspace_, state,
                          [&](Action action, const NodeState& one) { next.emplace_back(action, one); });
      if (next.empty()) {
        state = system_->initial_states().front();
        continue;
      }
      Forms forms;
      for (const auto& [action, one] : next) forms.emplace_back(action, canonical(one));
      compare(state, forms, sample);
      state = next[draws.below(next.size())].second;
    }
    return sample;
  }

 private:
  struct Known {
    Fingerprint concrete;
    Forms forms;
  };

  Fingerprint canonical(const NodeState& state) const {
    std::vector<std::byte> bytes;
    const View<N> view = system_->view(state);
    for (NodeIndex node = 0; node < view.size(); ++node) form_.append(bytes, view.process(node), Clock::patient);
    return fingerprint_of(bytes);
  }
  void compare(const NodeState& state, const Forms& forms, Sample& sample) {
    const Fingerprint its = canonical(state);
    const Fingerprint concrete = system_->fingerprint(state);
    const auto [place, is_new] = known_.try_emplace({its.high, its.low}, Known{concrete, forms});
    if (is_new || place->second.concrete == concrete) return;
    ++sample.pairs;
    if (place->second.forms != forms) ++sample.differing;
  }

  std::unique_ptr<System> system_;
  Form form_;
  typename System::Workspace workspace_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Known> known_;
};

template <class Form>
Sample compare_merged(const ShippedRing& ring, const Form& form, std::size_t steps, std::uint64_t seed) {
  return MergeWalk<ring::Node, Form>(ring_system<ConcreteForm<ring::Node>>(ring), form).walk(steps, seed);
}
template <class Form>
Sample compare_merged(const ShippedCoursework& peers, const Form& form, std::size_t steps, std::uint64_t seed) {
  return MergeWalk<coursework::Node, Form>(coursework_system<ConcreteForm<coursework::Node>>(peers, {}), form)
      .walk(steps, seed);
}

// Clocks and ids grow for ever in concrete states: only canonical ones settle.
constexpr ShippedCoursework restless_peers{
    .peers = 4, .deaths = Budget::any, .starts = Budget::any, .settles_first = false};

}  // namespace

TEST_CASE("ring states with one canonical form have equal successors") {
  const bool checks_predecessor = GENERATE(false, true);
  const std::size_t nodes = GENERATE(4, 5);
  const Sample sample =
      compare_merged({.nodes = nodes, .checks_predecessor = checks_predecessor}, membership_form(), 3500, 1);
  CHECK(sample.pairs > (checks_predecessor ? 1000 : 2500));
  CHECK(sample.differing == 0);
}

TEST_CASE("coursework states with one canonical form have equal successors") {
  const Sample sample = compare_merged(restless_peers, peer_form(), 6000, 1);
  CHECK(sample.pairs > 2000);
  CHECK(sample.differing == 0);
}

TEST_CASE("a form that forgets something is caught") {
  const auto differing = [](const ShippedRing& ring, void (*forget)(ring::Node&)) {
    return compare_merged(ring, ForgetfulForm<ring::Node>{membership_form(), forget}, 3500, 1).differing;
  };
  SECTION("the predecessor") {
    CHECK(differing({.nodes = 5}, [](ring::Node& node) { field_of<predecessor>(node) = {}; }) > 0);
  }
  SECTION("the last successor") {
    CHECK(differing({.nodes = 4}, [](ring::Node& node) {
            if (!node.successors().empty()) field_of<successors>(node).pop_back();
          }) > 0);
  }
  SECTION("who was lost") {
    CHECK(differing({.nodes = 4, .checks_predecessor = true}, [](ring::Node& node) {
            if (auto& cold = field_of<cold_state>(node)) cold->lost = {};
          }) > 0);
  }
  SECTION("how many pings were missed, where a few are too many") {
    const auto forget = [](coursework::Node& node) { field_of<missed_pings>(node) = {}; };
    CHECK(compare_merged(restless_peers, ForgetfulForm<coursework::Node>{peer_form(), forget}, 4000, 1).differing > 0);
  }
}

TEST_CASE("a million ring states with one canonical form have equal successors", "[.nightly]") {
  std::size_t pairs = 0;
  for (std::uint64_t seed = 1; pairs < 1'000'000; ++seed) {
    const std::size_t nodes = 4 + seed / 2 % 2;
    const Sample sample =
        compare_merged({.nodes = nodes, .checks_predecessor = seed % 2 == 0}, membership_form(), 20'000, seed);
    REQUIRE(sample.differing == 0);
    pairs += sample.pairs;
  }
}

TEST_CASE("a million coursework states with one canonical form have equal successors", "[.nightly]") {
  std::size_t pairs = 0;
  for (std::uint64_t seed = 1; pairs < 1'000'000; ++seed) {
    const Sample sample = compare_merged(restless_peers, peer_form(), 20'000, seed);
    REQUIRE(sample.differing == 0);
    pairs += sample.pairs;
  }
}
