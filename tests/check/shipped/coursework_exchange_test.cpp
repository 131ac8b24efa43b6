// Every interleaving of exchanges of the coursework's peers: which of its promises hold.

#include "check/engine/explorer.h"
#include "tests/catch.h"
#include "tests/check/shipped/shipped_coursework.h"

using namespace peerbed;
using namespace peerbed::check;

TEST_CASE("four peers of the coursework of which one dies repair their ring in every case") {
  const auto system = coursework_system({.peers = 4, .deaths = 1});
  Explorer explorer(*system, {.records_graph = true});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::proved);
  CHECK(found.states > 10);
  CHECK_FALSE(explorer.graph().divergence());
}

TEST_CASE("the published rules do not repair the ring of four peers when two die that are next to each other") {
  const auto system = coursework_system({.peers = 4, .deaths = 2});
  Explorer explorer(*system, {.records_graph = true});
  CHECK(explorer.run().verdict() == Verdict::proved);
  const auto divergence = explorer.graph().divergence();
  REQUIRE(divergence);
  const auto path = explorer.path_to(divergence->states.front());
  std::vector<NodeIndex> dead;
  for (std::size_t i = 1; i < path.size(); ++i) {
    const NodeAction action = NodeAction::from(path[i].action);
    if (action.kind == ActionKind::crash_keep) dead.push_back(action.node);
  }
  REQUIRE(dead.size() == 2);
  const std::uint32_t apart = (dead[0] + 4 - dead[1]) % 4;
  CHECK((apart == 1 || apart == 3));
}
