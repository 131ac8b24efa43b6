// In worlds of trouble, drawn by hundreds: the accounts of every peer are right, every download ends, and what honest
// peers say is accepted.

#include "tests/catch.h"
#include "tests/swarm/accounts.h"
#include "tests/swarm/troubled_world.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

void check_world(const Trouble& trouble) {
  const Outcome outcome = live_through(trouble);
  CAPTURE(trouble.seed, trouble.corrupts, outcome.world, outcome.fault);
  CHECK(outcome.fault.empty());
  CHECK(outcome.done + outcome.failed == outcome.wanted);
  if (outcome.is_mild) CHECK(outcome.done == outcome.wanted);
}

}  // namespace

TEST_CASE("in honest worlds of trouble every download ends, and nothing is refused") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) check_world({.seed = seed, .most_peers = 6});
}

TEST_CASE("in worlds that corrupt and lie every download ends") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) check_world({.seed = seed, .most_peers = 6, .corrupts = true});
}

TEST_CASE("a peer's counters agree with its links after each step") {
  Options options;
  options.piece_size = options.block_size = 64 * 1024;
  options.block_size = 16 * 1024;
  options.division = GENERATE(Division::swarming, Division::fragment);
  options.choking = GENERATE(Choking::tit_for_tat, Choking::plain);
  options.choke_period = 500ms;
  options.upload_slots = 1;
  options.block_timeout = 300ms;
  SwarmWorld swarm(options, {.peers = 6});
  sim::PathConditions path;
  path.latency = sim::LatencyModel::uniform(5ms, 40ms);
  path.loss = sim::LossModel::independent(0.1);
  swarm.world().network().set_default(path);
  swarm.start_all();
  for (std::size_t i = 0; i < 2; ++i) swarm.give(i, "film", 1'000'000);
  swarm.run_for(2s);
  for (std::size_t i = 2; i < 6; ++i) swarm.command(i, "DOWN film");
  const Time end = swarm.world().now() + 8s;
  for (std::uint64_t step = 0; swarm.world().now() < end; ++step) {
    swarm.world().run_until(end, 1);
    if (step == 3'000) swarm.world().crash(swarm.peer(1), Disk::keep);
    for (std::size_t i = 2; i < 6; ++i) {
      const std::string wrong = wrong_accounts(swarm.peer_node(i));
      CAPTURE(i, step);
      REQUIRE(wrong == "");
    }
  }
}
