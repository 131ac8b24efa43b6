// Streams as nodes see them: opening, asking, closing, refusing, and losing one another.

#include "sim/engine/world.h"
#include "tests/catch.h"
#include "tests/sim/chatter.h"
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

TEST_CASE("bytes arrive as they are asked for, however they were written") {
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

TEST_CASE("an end that closes waits for the other one, which may continue writing") {
  World world = streamer_world(2, 10ms);
  world.command(0, "open 1 1");
  world.command(0, "close 1");
  world.run_until(at(1s));
  world.command(1, "ask 2 1");
  for (int i = 0; i < 20; ++i) {
    world.command(1, "fill 2 1000");
    world.run_until(world.now() + 1s);
  }
  world.command(0, "ask 1 20000");
  world.run_until(world.now() + 1s);
  CHECK(told(world, 0) == Texts{"1 opened", "1 20000"});
  CHECK(told(world, 1) == Texts{"2 accepted", "2 half-closed"});
}

TEST_CASE("a host that runs nothing for streams refuses them at once") {
  World world = streamer_world(1, 10ms);
  world.add_population<Chatter>(1, [](NodeIndex) { return Chatter(); });
  world.start(1);
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  REQUIRE(told(world, 0) == Texts{"1 reset"});
  CHECK(streamer(world, 0).told[0].at == at(20ms));
}

TEST_CASE("an unused address and a host that is down never answer") {
  WorldOptions options;
  options.streams.connect_timeout = 10s;
  World world = streamer_world(2, 10ms, options);
  world.crash(1, Disk::keep);
  world.command(0, "open 1 1");
  world.command(0, "open 3 99");
  world.run_until(at(60s));
  CHECK(told(world, 0) == Texts{"1 reset", "3 reset"});
  CHECK(streamer(world, 0).told[0].at == at(10s));
}

TEST_CASE("a handshake survives the loss of its segments") {
  World world = streamer_world(2, 10ms);
  world.network().partition("cut", NodeSet(std::array<NodeIndex, 1>{0}), NodeSet(std::array<NodeIndex, 1>{1}), true);
  world.command(0, "open 1 1");
  world.run_until(at(900ms));
  world.network().heal("cut");
  world.network().partition("cut", NodeSet(std::array<NodeIndex, 1>{1}), NodeSet(std::array<NodeIndex, 1>{0}), true);
  world.run_until(at(1500ms));
  world.network().heal("cut");
  world.run_until(at(10s));
  CHECK(told(world, 0) == Texts{"1 opened"});
  CHECK(told(world, 1) == Texts{"2 accepted"});
  // The first SYN and the first SYN-ACK are lost; each host tries again after a second.
  CHECK(streamer(world, 0).told[0].at == at(2020ms));
}

TEST_CASE("a restarted host resets the streams of its former process") {
  World world = streamer_world(2, 10ms);
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  world.crash(1, Disk::keep);
  world.run_until(at(2s));
  world.start(1);
  world.command(0, "write 1 are you there");
  world.run_until(at(3s));
  CHECK(told(world, 0) == Texts{"1 opened", "1 reset"});
  CHECK(told(world, 1).empty());
  CHECK(streamer(world, 0).told[1].at == at(2020ms));
}

TEST_CASE("a host that vanishes is silent until the user timeout of what was sent to it") {
  WorldOptions options;
  options.streams.user_timeout = 30s;
  World world = streamer_world(2, 10ms, options);
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  world.crash(1, Disk::keep);
  world.run_until(at(100s));
  CHECK(told(world, 0) == Texts{"1 opened"});
  world.command(0, "write 1 are you there");
  world.run_until(at(200s));
  REQUIRE(told(world, 0) == Texts{"1 opened", "1 reset"});
  CHECK(streamer(world, 0).told[1].at >= at(130s));
  CHECK(streamer(world, 0).told[1].at < at(160s));
}

TEST_CASE("a process that exits resets its streams, and a node can reset one") {
  World world = streamer_world(3, 10ms);
  world.command(0, "open 1 1");
  world.command(0, "open 3 2");
  world.run_until(at(1s));
  world.leave(1);
  world.command(2, "reset 2");
  world.run_until(at(2s));
  CHECK(told(world, 0) == Texts{"1 opened", "3 opened", "1 reset", "3 reset"});
  CHECK(told(world, 2) == Texts{"2 accepted"});
}

TEST_CASE("nothing arrives faster than it is asked for, and what waits too long resets the stream") {
  WorldOptions options;
  options.streams.receive_buffer = 100'000;
  World world = streamer_world(2, 10ms, options);
  world.command(0, "open 1 1");
  for (int i = 0; i < 4; ++i) world.command(0, "fill 1 65536");
  world.run_until(at(10s));
  CHECK(world.stream_counters().payload_bytes == 100'000);
  SECTION("asking opens the window") {
    for (int i = 0; i < 4; ++i) world.command(1, "ask 2 65536");
    world.run_until(at(11s));
    CHECK(told(world, 1) == Texts{"2 accepted", "2 65536", "2 65536", "2 65536", "2 65536"});
  }
  SECTION("a lost window update is compensated by a probe") {
    world.network().set_default({.latency = LatencyModel::constant(10ms), .loss = LossModel::independent(1)});
    for (int i = 0; i < 4; ++i) world.command(1, "ask 2 65536");
    world.run_until(at(11s));
    world.network().set_default({.latency = LatencyModel::constant(10ms)});
    world.run_until(at(60s));
    CHECK(told(world, 1) == Texts{"2 accepted", "2 65536", "2 65536", "2 65536", "2 65536"});
  }
  SECTION("more than the backlog is a reset") {
    world.command(0, "fill 1 65536");
    CHECK(told(world, 0) == Texts{"1 opened"});
    world.command(0, "fill 1 65536");
    world.command(0, "fill 1 65536");
    world.run_until(at(11s));
    CHECK(told(world, 0) == Texts{"1 opened", "1 reset"});
    CHECK(told(world, 1) == Texts{"2 accepted", "2 reset"});
  }
}

TEST_CASE("a loss at the end of what was written is found by a probe, long before a timeout") {
  World world = streamer_world(2, 10ms);
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  world.command(1, "ask 2 6000");
  world.network().partition("cut", NodeSet(std::array<NodeIndex, 1>{0}), NodeSet(std::array<NodeIndex, 1>{1}), true);
  world.command(0, "fill 1 6000");
  world.network().heal("cut");
  world.run_until(at(2s));
  REQUIRE(told(world, 1) == Texts{"2 accepted", "2 6000"});
  // Two round trips of silence, one for the probe, half a round trip for the bytes; a timeout takes at least 200 ms.
  CHECK(streamer(world, 1).told[1].at < at(1100ms));
  CHECK(world.stream_counters().timeouts == 0);
  CHECK(world.stream_counters().packets_cut == 5);
}

TEST_CASE("a retransmission that is lost again is found without a timeout") {
  World world = streamer_world(2, 10ms);
  world.network().set_between_hosts(0, 1,
                                    {.latency = LatencyModel::constant(10ms), .loss = LossModel::independent(0.03)});
  give_file(world, 0, 1 << 30);
  world.command(1, "fetch 1 0 65536 200");
  world.run_until(at(100s));
  CHECK(streamer(world, 1).fetches.at(1).done == 200);
  CHECK(world.stream_counters().packets_again > 200);
  CHECK(world.stream_counters().timeouts <= 2);
}

TEST_CASE("a paused node is told what it asked for when it resumes, and its host acknowledges meanwhile") {
  World world = streamer_world(2, 10ms);
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  world.command(1, "ask 2 4");
  world.pause(1);
  world.command(0, "write 1 wake");
  world.run_until(at(100s));
  CHECK(told(world, 0) == Texts{"1 opened"});
  CHECK(told(world, 1) == Texts{"2 accepted"});
  world.resume(1);
  world.run_until(at(101s));
  REQUIRE(told(world, 1) == Texts{"2 accepted", "2 wake"});
  CHECK(streamer(world, 1).told[1].at == at(100s));
}

TEST_CASE("a range that does not exist resets the stream") {
  World world = streamer_world(2, 10ms);
  world.command(0, "store 1 hello");
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  world.command(0, "send 1 1 2 4");
  world.run_until(at(2s));
  CHECK(told(world, 0) == Texts{"1 opened", "1 reset"});
  CHECK(told(world, 1) == Texts{"2 accepted", "2 reset"});
}

TEST_CASE("content and written bytes keep their order, and either can be received as the other") {
  World world = streamer_world(2, 10ms);
  world.command(0, "store 1 content");
  world.command(0, "open 1 1");
  world.command(0, "write 1 head ");
  world.command(0, "send 1 1 0 7");
  world.command(0, "write 1  tail");
  world.run_until(at(1s));
  world.command(1, "ask 2 8");
  world.command(1, "take 2 9 3 9");
  world.run_until(at(2s));
  world.command(1, "read 9");
  world.run_until(at(3s));
  CHECK(told(world, 1) ==
        Texts{"2 accepted", "2 head con", "2 content received 3+9", std::string("\0\0\0tent tail", 12)});
}

TEST_CASE("a node can open a stream to itself") {
  World world = streamer_world(1, 10ms);
  world.command(0, "open 1 0");
  world.command(0, "write 1 to myself");
  world.run_until(at(1s));
  world.command(0, "ask 2 9");
  world.run_until(at(2s));
  CHECK(told(world, 0) == Texts{"1 opened", "2 accepted", "2 to myself"});
}

}  // namespace peerbed::sim::testing
