// Each limit of a host, exceeded by an ill-behaved neighbour.

#include "adapter/base/limits.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "adapter/base/open_sockets.h"
#include "adapter/crypto/stream_seal.h"
#include "tests/adapter/journal.h"
#include "tests/adapter/keys.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::adapter {

namespace {

using namespace std::chrono_literals;
using sim::testing::Streamer;

// A host with one node that does what its commands say, and neighbours that are bare sockets.
struct Victim {
  explicit Victim(const HostOptions& options, const StreamLimits& streams = {}) : host(options) {
    host.observe(&journal);
    NodeOptions node_options;
    node_options.content.directory = directory.path();
    node_options.streams = streams;
    node = &host.add<Streamer>(node_options, [](Address) { return Streamer(); });
    node->start();
  }

  FileDescriptor connected(int type) const {
    FileDescriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const SocketAddress target = to_socket_address(Endpoint::of(node->address()).value(), AF_INET);
    REQUIRE(::connect(socket.number(), target.get(), target.size) == 0);
    return socket;
  }
  std::size_t told(std::string_view what) const {
    std::size_t count = 0;
    for (const auto& told : node->node().told) count += told.what == what ? 1 : 0;
    return count;
  }
  bool runs_until(const std::function<bool()>& done) { return host.run_until(done, 5s); }

  TemporaryDirectory directory;
  Journal journal;
  Host host;
  HostedNodeOf<Streamer>* node = nullptr;
};

HostOptions with(const Limits& limits) {
  HostOptions options;
  options.seed = 1;
  options.limits = limits;
  options.limits.loopback_too = true;
  return options;
}

bool is_reset(const FileDescriptor& socket) {
  char byte = 0;
  return ::recv(socket.number(), &byte, 1, MSG_DONTWAIT) < 0 && errno == ECONNRESET;
}

// The node writes to its first stream, which nobody reads.
void fill_until_reset(Victim& victim) {
  for (int i = 0; i < 2000 && victim.told("reset") == 0; ++i) {
    victim.node->command("fill 2 65536");
    victim.host.run_for(1ms);
  }
}

}  // namespace

TEST_CASE("streams are limited per remote and in total") {
  Limits limits;
  SECTION("one remote") { limits.streams_per_remote = 4; }
  SECTION("all") { limits.streams = 4; }
  Victim victim(with(limits));
  std::vector<FileDescriptor> neighbours;
  for (int i = 0; i < 10; ++i) neighbours.push_back(victim.connected(SOCK_STREAM));
  const HostCounters& counters = victim.host.counters();
  REQUIRE(victim.runs_until([&] { return counters.refused_streams + counters.refused_streams_of_remote == 6; }));
  CHECK(victim.runs_until([&] { return victim.told("accepted") == 4; }));
  CHECK(counters.streams_accepted == 4);
  CHECK(victim.journal.warnings.size() == 1);
  CHECK(is_reset(neighbours[9]));
  CHECK_FALSE(is_reset(neighbours[0]));

  neighbours.erase(neighbours.begin());
  victim.node->command("ask 2 1");  // the node notices that this peer has gone
  victim.node->command("close 2");
  REQUIRE(victim.runs_until([&] { return victim.told("closed") == 1; }));
  neighbours.push_back(victim.connected(SOCK_STREAM));
  CHECK(victim.runs_until([&] { return counters.streams_accepted == 5; }));
}

TEST_CASE("datagrams that come too fast or are too long are dropped and counted") {
  Limits limits;
  limits.datagrams_per_second = 100;
  limits.address_validation = false;
  Victim victim(with(limits));
  const FileDescriptor neighbour = victim.connected(SOCK_DGRAM);
  const std::vector<char> bytes(2000);
  REQUIRE(::send(neighbour.number(), bytes.data(), 2000, 0) == 2000);
  for (int i = 0; i < 1000; ++i) ::send(neighbour.number(), bytes.data(), 10, 0);
  const HostCounters& counters = victim.host.counters();
  REQUIRE(victim.runs_until([&] { return counters.delivered.datagrams + counters.dropped_rate >= 1000; }));
  CHECK(counters.dropped_oversized == 1);
  CHECK(counters.delivered.datagrams >= 200);
  CHECK(counters.delivered.datagrams < 700);
  CHECK(victim.journal.warnings.size() == 2);
  const std::uint64_t before = counters.delivered.datagrams;
  victim.host.run_for(100ms);
  for (int i = 0; i < 5; ++i) ::send(neighbour.number(), bytes.data(), 10, 0);
  CHECK(victim.runs_until([&] { return counters.delivered.datagrams == before + 5; }));
}

TEST_CASE("silent, idle and slow streams are reset") {
  StreamLimits streams;
  std::uint64_t HostCounters::*counter = nullptr;
  std::string first = "x";
  SECTION("nothing arrives after opening") {
    streams.silence_timeout = 150ms;
    counter = &HostCounters::reset_silent;
  }
  SECTION("nothing moves any more") {
    streams.idle_timeout = 150ms;
    counter = &HostCounters::reset_idle;
  }
  SECTION("a request takes too long") {
    streams.request_timeout = 150ms;
    counter = &HostCounters::reset_slow;
  }
  SECTION("a request that began with a complete one takes too long") {
    streams.request_timeout = 150ms;
    counter = &HostCounters::reset_slow;
    first = "0123456789x";
  }
  Victim victim(with({}), streams);
  const FileDescriptor neighbour = victim.connected(SOCK_STREAM);
  REQUIRE(victim.runs_until([&] { return victim.told("accepted") == 1; }));
  victim.node->command("ask 2 10");
  victim.node->command("ask 2 10");
  if (counter == &HostCounters::reset_slow)
    REQUIRE(::send(neighbour.number(), first.data(), first.size(), 0) == static_cast<ssize_t>(first.size()));
  REQUIRE(victim.runs_until([&] { return victim.told("reset") == 1; }));
  CHECK(victim.host.counters().*counter == 1);
  CHECK(victim.journal.warnings.size() == 1);
  CHECK(is_reset(neighbour));
}

TEST_CASE("with a key, streams without a valid greeting in time are reset and never reach the node") {
  HostOptions options = with({});
  options.key = cluster_key('k');
  StreamLimits streams;
  streams.connect_timeout = 200ms;
  Victim victim(options, streams);
  std::string greeting;
  std::uint64_t HostCounters::*counter = &HostCounters::reset_connecting;
  std::size_t neighbours = 100;
  SECTION("many that send nothing") {}
  SECTION("and many that send part of it") { greeting = std::string(40, '\1'); }
  SECTION("or send an invalid one") {
    greeting = std::string(100, '\1');
    counter = &HostCounters::reset_unauthentic;
  }
  std::vector<FileDescriptor> flood;
  for (std::size_t i = 0; i < neighbours; ++i) {
    flood.push_back(victim.connected(SOCK_STREAM));
    ::send(flood.back().number(), greeting.data(), greeting.size(), MSG_NOSIGNAL);
  }
  REQUIRE(victim.runs_until([&] { return victim.host.counters().*counter == neighbours; }));
  CHECK(victim.host.open_streams() == 0);
  CHECK(victim.node->node().told.empty());
  CHECK(victim.host.counters().streams_accepted == 0);
  CHECK(victim.host.counters().streams_reset == 0);
  CHECK(victim.journal.warnings.size() <= 1);
}

TEST_CASE("with a key a stream that is cut off before its last record is reset, not closed") {
  HostOptions options = with({});
  options.key = cluster_key('k');
  Victim victim(options);
  const FileDescriptor member = victim.connected(SOCK_STREAM);
  StreamSeal seal(options.key, StreamSeal::Role::opener, victim.node->endpoint());
  const auto say = [&] {
    ::send(member.number(), seal.outgoing().data(), seal.outgoing().size(), 0);
    seal.note_sent(seal.outgoing().size());
  };
  say();
  REQUIRE(victim.runs_until([&] {
    const auto room = seal.room();
    const ssize_t received = ::recv(member.number(), room.data(), room.size(), MSG_DONTWAIT);
    if (received > 0) seal.note_received(static_cast<std::size_t>(received));
    return seal.state() == StreamSeal::State::open;
  }));
  seal.seal(std::as_bytes(std::span("hello", 5)));
  say();
  REQUIRE(victim.runs_until([&] { return victim.told("accepted") == 1; }));
  victim.node->command("ask 2 5");
  REQUIRE(victim.runs_until([&] { return victim.told("hello") == 1; }));
  victim.node->command("ask 2 5");
  std::string_view told = "reset";
  SECTION("cut off") {}
  SECTION("finished") {
    seal.finish();
    told = "half-closed";
  }
  say();
  ::shutdown(member.number(), SHUT_WR);
  CHECK(victim.runs_until([&] { return victim.told(told) == 1; }));
  CHECK(victim.host.counters().reset_unauthentic == 0);
}

TEST_CASE("with a key a node reads no more than it asked for and is stopped at its backlog") {
  HostOptions options = with({});
  options.key = cluster_key('k');
  Victim victim(options);
  struct Deaf : Streamer {
    Address to;
    void on_command(Environment& environment, std::string_view) { environment.open_stream({1}, to); }
  };
  const Address to = victim.node->address();
  auto& deaf = victim.host.add<Deaf>({}, [=](Address) {
    Deaf made;
    made.to = to;
    return made;
  });
  deaf.start();
  deaf.command("call");
  REQUIRE(victim.runs_until([&] { return victim.told("accepted") == 1; }));
  fill_until_reset(victim);
  CHECK(victim.told("reset") == 1);
  CHECK(victim.host.counters().reset_backlog == 1);
  CHECK(victim.host.counters().stream_bytes_received == 0);
}

TEST_CASE("a node whose peer does not read is stopped at its backlog") {
  Victim victim(with({}));
  const FileDescriptor neighbour = victim.connected(SOCK_STREAM);
  REQUIRE(victim.runs_until([&] { return victim.told("accepted") == 1; }));
  fill_until_reset(victim);
  CHECK(victim.told("reset") == 1);
  CHECK(victim.host.counters().reset_backlog == 1);
  CHECK(victim.host.counters().streams_reset == 1);
}

TEST_CASE("a remote can make only a limited number of bytes wait") {
  Limits limits;
  limits.memory_per_remote = 100'000;
  Victim victim(with(limits));
  const FileDescriptor neighbour = victim.connected(SOCK_STREAM);
  const FileDescriptor other = victim.connected(SOCK_STREAM);
  REQUIRE(victim.runs_until([&] { return victim.told("accepted") == 2; }));
  victim.node->command("ask 2 60000");
  victim.host.run_for(20ms);
  CHECK(victim.told("reset") == 0);
  victim.node->command("ask 4 60000");
  REQUIRE(victim.runs_until([&] { return victim.told("reset") == 1; }));
  CHECK(victim.host.counters().reset_memory == 1);
}

TEST_CASE("a neighbour that disconnects while a file is sent to it resets only that stream") {
  Victim victim(with({}));
  std::ofstream(victim.directory.path() / "big").put('x');
  std::filesystem::resize_file(victim.directory.path() / "big", 64 * 1024 * 1024);
  victim.node->command("import 1 big");
  REQUIRE(victim.runs_until([&] { return victim.told("imported 67108864") == 1; }));
  FileDescriptor neighbour = victim.connected(SOCK_STREAM);
  REQUIRE(victim.runs_until([&] { return victim.told("accepted") == 1; }));
  victim.node->command("send 2 1 0 67108864");
  REQUIRE(victim.runs_until([&] { return victim.host.counters().stream_bytes_sent > 0; }));
  neighbour.reset();
  CHECK(victim.runs_until([&] { return victim.told("reset") == 1; }));
  CHECK(victim.told("content sent 0+67108864") == 0);
}

TEST_CASE("content that the disk does not take is lost and the stream continues after it") {
  Victim victim(with({}));
  std::filesystem::create_directory(victim.directory.path() / ".peerbed" / "0000000000000005");
  const FileDescriptor neighbour = victim.connected(SOCK_STREAM);
  REQUIRE(victim.runs_until([&] { return victim.told("accepted") == 1; }));
  const std::string bytes = std::string(100'000, 'x') + "behind";
  REQUIRE(::send(neighbour.number(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  victim.node->command("take 2 5 0 100000");
  victim.node->command("ask 2 6");
  CHECK(victim.runs_until([&] { return victim.told("behind") == 1; }));
  CHECK(victim.told("content lost 0+100000") == 1);
}

TEST_CASE("a stream that nobody answers is given up") {
  StreamLimits streams;
  streams.connect_timeout = 200ms;
  Victim victim(with({}), streams);
  // A listener that never accepts and has a full queue answers no further handshake.
  const auto deaf = open_sockets(Endpoint::ipv4(0x7F000001, 0), true);
  REQUIRE(::listen(deaf.listener.number(), 0) == 0);
  const SocketAddress target = to_socket_address(deaf.local, AF_INET);
  std::vector<FileDescriptor> others;
  for (int i = 0; i < 4; ++i) {
    others.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    ::connect(others.back().number(), target.get(), target.size);
  }
  struct Caller : Streamer {
    Address to;
    void on_command(Environment& environment, std::string_view) { environment.open_stream({1}, to); }
  };
  Caller made;
  made.to = deaf.local.address();
  NodeOptions node_options;
  node_options.streams = streams;
  auto& caller = victim.host.add<Caller>(node_options, [made](Address) { return made; });
  caller.start();
  caller.command("call");
  REQUIRE(victim.runs_until([&] { return caller.node().told.size() == 1; }));
  CHECK(caller.node().told[0].what == "reset");
  CHECK(victim.host.counters().reset_connecting == 1);
}

}  // namespace peerbed::adapter
