// Streams as nodes see them: opening, asking, closing, refusing, and losing one another.

#include "sim/world.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a stream opens in a round trip, and both ends are told") {
  World world = streamer_world(2, 10ms);
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  REQUIRE(told(world, 0) == Texts{"1 opened"});
  CHECK(streamer(world, 0).told[0].at == at(20ms));
  REQUIRE(told(world, 1) == Texts{"2 accepted"});
  CHECK(streamer(world, 1).told[0].at == at(30ms));
}

TEST_CASE("bytes come as they are asked for, however they were written") {
  World world = streamer_world(2, 10ms);
  world.command(0, "open 1 1");
  world.command(0, "write 1 good ");
  world.command(0, "write 1 day to you");
  world.run_until(at(1s));
  CHECK(told(world, 1) == Texts{"2 accepted"});
  world.command(1, "ask 2 8");
  world.command(1, "ask 2 7");
  world.command(1, "ask 2 99");
  world.run_until(at(2s));
  CHECK(told(world, 1) == Texts{"2 accepted", "2 good day", "2  to you"});
}

TEST_CASE("content goes from disk to disk, and is the same") {
  World world = streamer_world(2, 10ms);
  world.put_file(0, "file", 7, 10'000'000);
  world.command(0, "import 1 file");
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  world.command(1, "take 2 5 0 9000000");
  world.command(0, "send 1 1 1000000 9000000");
  world.run_until(at(100s));
  CHECK(told(world, 0) == Texts{"imported 10000000", "1 opened", "1 content sent 1000000+9000000"});
  CHECK(told(world, 1) == Texts{"2 accepted", "2 content received 0+9000000"});
  const Content& received = world.stored(1)->contents.at({5}).content;
  REQUIRE(received.placed().size() == 1);
  CHECK(received.placed()[0].extent == synthetic_extent(7, 1'000'000, 9'000'000));
  world.command(0, "hash 1 1000000 9000000");
  world.command(1, "hash 5 0 9000000");
  world.run_until(at(200s));
  CHECK(streamer(world, 0).hash.size() == sha256_size);
  CHECK(streamer(world, 0).hash == streamer(world, 1).hash);
  CHECK(world.hashes_computed() == 1);
  world.command(1, "export 5 copy");
  world.run_until(at(201s));
  CHECK(world.stored(1)->files.at("copy") == received);
}

TEST_CASE("a stream that both sides close is closed, and what was written before arrives") {
  World world = streamer_world(2, 10ms);
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  world.command(0, "write 1 last words");
  world.command(0, "close 1");
  world.run_until(at(2s));
  world.command(1, "write 2 an answer");
  world.command(1, "ask 2 10");
  world.command(1, "ask 2 1");
  world.command(0, "ask 1 9");
  world.run_until(at(3s));
  CHECK(told(world, 1) == Texts{"2 accepted", "2 last words", "2 half-closed"});
  CHECK(told(world, 0) == Texts{"1 opened", "1 an answer"});
  world.command(1, "close 2");
  world.run_until(at(4s));
  CHECK(told(world, 1) == Texts{"2 accepted", "2 last words", "2 half-closed", "2 closed"});
  CHECK(told(world, 0) == Texts{"1 opened", "1 an answer", "1 closed"});
}

}  // namespace peerbed::sim::testing
