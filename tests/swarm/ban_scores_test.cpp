#include "protocols/swarm/files/ban_scores.h"

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

TEST_CASE("a peer is banned for one file once it has offended often enough, and that is told once") {
  BanScores scores;
  const Address peer = Stage::other(1);
  CHECK_FALSE(scores.raise(peer, root_of(1), 2));
  CHECK_FALSE(scores.has_banned(peer, root_of(1), 2));
  CHECK(scores.raise(peer, root_of(1), 2));
  CHECK(scores.has_banned(peer, root_of(1), 2));
  CHECK_FALSE(scores.raise(peer, root_of(1), 2));
  CHECK(scores.has_banned(peer, root_of(1), 2));
  CHECK_FALSE(scores.has_banned(peer, root_of(2), 2));
  CHECK_FALSE(scores.has_banned(Stage::other(2), root_of(1), 2));
}

TEST_CASE("of too many offenders the first is forgotten") {
  BanScores scores;
  for (std::size_t i = 0; i <= maximum_ban_scores; ++i)
    CHECK(scores.raise(Stage::other(static_cast<NodeIndex>(i + 1)), root_of(1), 1));
  CHECK(scores.size() == maximum_ban_scores);
  CHECK_FALSE(scores.has_banned(Stage::other(1), root_of(1), 1));
  CHECK(scores.has_banned(Stage::other(2), root_of(1), 1));
  CHECK(scores.has_banned(Stage::other(maximum_ban_scores + 1), root_of(1), 1));
}
