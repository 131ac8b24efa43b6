// Others in bad faith: what they say is refused and counted, and costs nobody but themselves.

#include <algorithm>

#include "tests/catch.h"
#include "tests/swarm/impostor.h"
#include "tests/swarm/speech.h"
#include "tests/swarm/swarm_world.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

// A tracker, a peer that offers "file" of 8 MiB, a peer that wants something, and an impostor.
struct Backend {
  explicit Backend(const Options& options = {}) : swarm(options, {.peers = 2}) {
    impostor = swarm.world().add_population<Impostor>(1, [script = script](NodeIndex) { return Impostor(script); });
    swarm.start_all();
    swarm.give(0, "file", 8 * mebibyte);
    swarm.run_for(1s);
    root = swarm.peer_node(0).file("file")->root;
  }
  // The impostor says this on a stream to the peer that offers; returns whether its stream was reset for it.
  bool is_refused(const Speech& speech) {
    script->speech = speech.bytes();
    script->victims = {sim::address_of(swarm.peer(0))};
    const std::size_t before = node().reset;
    swarm.world().command(impostor, "open");
    swarm.run_for(500ms);
    return node().reset > before;
  }
  const Impostor& node() const { return world().node<Impostor>(impostor); }
  const sim::World& world() const { return const_cast<SwarmWorld&>(swarm).world(); }

  std::shared_ptr<Script> script = std::make_shared<Script>();
  SwarmWorld swarm;
  NodeIndex impostor = 0;
  Root root;
};

std::vector<std::byte> noise(std::size_t size) {
  std::vector<std::byte> bytes(size);
  KeyedStream draws(5);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(draws.next());
  return bytes;
}

}  // namespace

TEST_CASE("a stream that says what is no frame, or not in its place, is reset") {
  Backend backend;
  CHECK(backend.is_refused(Speech().raw(noise(500))));
  CHECK(backend.is_refused(Speech().hello(Root{})));  // no file of ours
  CHECK(backend.is_refused(Speech().hello(backend.root).hello(backend.root)));
  CHECK(backend.is_refused(Speech().frame({.kind = FrameKind::interested})));
  CHECK(backend.is_refused(Speech().frame({.kind = FrameKind::hello, .size = 6'000}).raw(noise(6'000))));
  CHECK(backend.swarm.journal().count(TraceEvent::frame_refused) >= 4);
  CHECK(backend.swarm.peer_node(0).links().size() == 0);
}

TEST_CASE("a stream that says absurd things of pieces is reset") {
  Backend backend;
  const auto after_hello = [&] { return Speech().hello(backend.root); };
  CHECK_FALSE(backend.is_refused(after_hello().pieces(4)));  // of 8
  CHECK(backend.is_refused(after_hello().pieces(9)));
  CHECK(backend.is_refused(after_hello().frame({.kind = FrameKind::pieces, .size = UINT32_MAX})));
  CHECK(backend.is_refused(after_hello().pieces(4).pieces(4)));
  CHECK(backend.is_refused(after_hello().frame({FrameKind::have, 0, no_piece, no_piece})));
  CHECK(backend.is_refused(after_hello().frame({.kind = FrameKind::pieces, .size = 1}).raw(noise(1))));
  CHECK(backend.is_refused(after_hello().pieces(4).frame({FrameKind::have, 8, no_piece, no_piece})));
}

TEST_CASE("a stream that asks for absurd blocks, or sends what nobody asked for, is reset") {
  Backend backend;
  const auto unchoked = [&] { return Speech().hello(backend.root).frame({.kind = FrameKind::interested}); };
  const auto request = [&](std::uint32_t piece, std::uint32_t offset, std::uint32_t size) {
    return unchoked().frame({FrameKind::request, piece, offset, size});
  };
  CHECK_FALSE(backend.is_refused(request(7, mebibyte - 100, 100)));
  CHECK(backend.is_refused(request(8, 0, 100)));
  CHECK(backend.is_refused(request(0, mebibyte, 1)));
  CHECK(backend.is_refused(request(0, 1, mebibyte)));
  CHECK(backend.is_refused(request(0, UINT32_MAX, 2)));
  CHECK(backend.is_refused(request(0, 0, 0)));
  CHECK(backend.is_refused(unchoked().frame({FrameKind::block, 0, 0, 16'384}).raw(noise(16'384))));
  CHECK(backend.is_refused(unchoked().frame({.kind = FrameKind::manifest, .size = 100}).raw(noise(100))));
  Speech greedy = unchoked();
  for (std::uint32_t i = 0; i < 2000; ++i) greedy.frame({FrameKind::request, i % 8, 0, mebibyte});
  CHECK(backend.is_refused(greedy));
  Speech twice = unchoked();
  twice.frame({.kind = FrameKind::manifest_query}).frame({.kind = FrameKind::manifest_query});
  CHECK(backend.is_refused(twice));
}

TEST_CASE("a stream that says nothing does not stay") {
  Backend backend;
  CHECK_FALSE(backend.is_refused(Speech()));
  CHECK(backend.swarm.peer_node(0).links().size() == 1);
  backend.swarm.run_for(12s);
  CHECK(backend.swarm.peer_node(0).links().size() == 0);
}

TEST_CASE("more streams than there may be are refused, and others are still served") {
  Options options;
  options.maximum_connections = 8;
  Backend backend(options);
  backend.script->victims.assign(100, sim::address_of(backend.swarm.peer(0)));
  backend.script->speech = Speech().hello(backend.root).bytes();
  backend.swarm.world().command(backend.impostor, "open");
  backend.swarm.run_for(200ms);
  CHECK(backend.swarm.peer_node(0).links().size() <= 16);
  backend.swarm.command(1, "DOWN file");
  CHECK(backend.swarm.run_until([&] { return backend.swarm.is_complete(1, "file"); }, 30s));
}

TEST_CASE("somebody who claims a file under a name and has nothing does not keep it from those who have it") {
  Backend backend;
  backend.script->claimed.value[0] = std::byte{1};
  backend.script->tracker = sim::address_of(backend.swarm.tracker());
  backend.script->speech = Speech().hello(backend.script->claimed).pieces(64).bytes();
  SECTION("the root is another one, and nothing comes of it") {
    Options options;
    options.give_up = 5s;
    Backend alone(options);
    alone.script->claimed = backend.script->claimed;
    alone.script->tracker = backend.script->tracker;
    alone.script->speech = backend.script->speech;
    alone.swarm.world().crash(alone.impostor, Disk::keep);
    alone.swarm.world().start(alone.impostor);
    alone.swarm.run_for(1s);
    alone.swarm.command(1, "DOWN other");
    alone.swarm.run_for(30s);
    CHECK(alone.swarm.journal().has_line(alone.swarm.peer(1), "DOWN other failed"));
  }
  SECTION("the root is right, but its manifest is not: it is banned, and the file fetched from who has it") {
    backend.script->claimed = backend.root;
    Speech speech = Speech().hello(backend.root).pieces(8);
    speech.frame({.kind = FrameKind::manifest, .size = 270}).raw(noise(270));
    backend.script->speech = speech.bytes();
    backend.swarm.world().crash(backend.impostor, Disk::keep);
    backend.swarm.world().start(backend.impostor);
    backend.swarm.run_for(1s);
    backend.swarm.command(1, "DOWN " + to_string(backend.root));
    const auto is_here = [&] {
      const SharedFile* file = backend.swarm.peer_node(1).file(backend.root);
      return file != nullptr && file->state == SharedFile::State::complete;
    };
    CHECK(backend.swarm.run_until(is_here, 30s));
  }
}

TEST_CASE("datagrams of noise are counted, and change nothing") {
  Backend backend;
  Peer peer = Peer::make(std::make_shared<const Options>(), std::array{sim::address_of(0)});
  Effects effects;
  DrawCounts draws{};
  Environment environment(time_zero + 1s, sim::address_of(1), 1, draws, effects);
  peer.on_start(environment, {});
  std::vector<std::byte> before;
  append_state(before, peer.fields());
  effects.clear();
  for (const std::size_t size : {0, 1, 2, 40, 1472}) peer.on_datagram(environment, sim::address_of(5), noise(size));
  std::vector<std::byte> after;
  append_state(after, peer.fields());
  CHECK(before == after);
  REQUIRE(effects.all().size() == 5);
  for (const Effect& effect : effects.all()) CHECK(effect.number == index_of(TraceEvent::datagram_refused));
}

TEST_CASE("answers that nobody asked for change nothing") {
  Peer peer = Peer::make(std::make_shared<const Options>(), std::array{sim::address_of(0)});
  Effects effects;
  DrawCounts draws{};
  Environment environment(time_zero + 1s, sim::address_of(1), 1, draws, effects);
  peer.on_start(environment, {});
  std::vector<std::byte> before;
  append_state(before, peer.fields());
  const auto receive = [&](Address from, const auto& message) {
    std::array<std::byte, maximum_datagram_size> buffer;
    Writer writer(buffer);
    message.encode(writer);
    peer.on_datagram(environment, from, writer.written());
  };
  ListPage page{.version = {3, 9}, .after = {}, .last = true, .peers = {}};
  page.peers.add(sim::address_of(7));
  receive(sim::address_of(9), page);  // no tracker of ours
  receive(sim::address_of(9), Heartbeat{{3, 9}, 1});
  receive(sim::address_of(9), ListChanges{.from = {3, 9}, .changes = {}});
  receive(sim::address_of(9), Found{.id = 1, .file = {.root = {}, .size = 5, .complete = true, .name = {}}});
  receive(sim::address_of(9), Offers{.id = 1, .first = 0, .total = 9, .files = {}});
  std::vector<std::byte> after;
  append_state(after, peer.fields());
  CHECK(before == after);
}
