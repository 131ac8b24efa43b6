// What a program that runs a host needs: other descriptors, timers, endpoints of both families, warnings of misuse.

#include "adapter/host.h"

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <system_error>

#include "tests/adapter/journal.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::adapter {

namespace {

using namespace std::chrono_literals;
using sim::testing::Streamer;

// Opens a stream to wherever it is told, and sends a datagram there.
struct Caller : Streamer {
  Address to;
  std::size_t datagrams = 0;
  void on_datagram(Environment&, Address from, Bytes payload) { datagrams += from == to ? payload.size() : 0; }
  void on_command(Environment& environment, std::string_view line) {
    if (line == "fail") throw std::runtime_error("this is out of order");
    if (line != "call") return Streamer::on_command(environment, line);
    environment.open_stream({1}, to);
    environment.send(to, std::as_bytes(std::span(line.data(), line.size())));
  }
};

struct Pair {
  explicit Pair(const char* endpoint) {
    NodeOptions node_options;
    node_options.listen = Endpoint::parse(endpoint).value();
    for (auto*& node : nodes)
      node = &host.add<Caller>(node_options, [this, &node](Address) {
        Caller caller;
        caller.to = nodes[&node == &nodes[0] ? 1 : 0]->endpoint().address();
        return caller;
      });
    for (auto* node : nodes) node->start();
  }
  Host host{HostOptions{.seed = 1}};
  std::array<HostedNodeOf<Caller>*, 2> nodes{};
};

void check_that_they_speak(Pair& pair) {
  pair.nodes[0]->command("call");
  pair.nodes[0]->command("write 1 hello");
  REQUIRE(pair.host.run_until([&] { return pair.nodes[1]->node().told.size() == 1; }, 5s));
  pair.nodes[1]->command("ask 2 5");
  REQUIRE(pair.host.run_until([&] { return pair.nodes[1]->node().told.size() == 2; }, 5s));
  CHECK(pair.nodes[1]->node().told[1].what == "hello");
  CHECK(pair.host.run_until([&] { return pair.nodes[1]->node().datagrams == 4; }, 5s));
}

}  // namespace

TEST_CASE("nodes talk to one another over IPv4") {
  Pair pair("127.0.0.1:0");
  check_that_they_speak(pair);
}

TEST_CASE("nodes talk to one another over IPv6") {
  try {
    open_sockets(Endpoint::parse("[::1]:0").value(), true);
  } catch (const std::system_error&) {
    WARN("there is no IPv6 on this machine");
    return;
  }
  Pair pair("[::1]:0");
  CHECK((pair.nodes[0]->address().value >> 63) == 1);
  check_that_they_speak(pair);
}

TEST_CASE("a node's exception names the node, the time and the event") {
  Pair pair("127.0.0.1:0");
  std::string said;
  try {
    pair.nodes[0]->command("fail");
  } catch (const std::runtime_error& error) {
    said = error.what();
  }
  CHECK(said.starts_with("node " + to_string(pair.nodes[0]->endpoint()) + ", 0."));
  CHECK(said.ends_with(" s after its host began, at a command: this is out of order"));
}

TEST_CASE("an endpoint belongs to one node until that node crashes") {
  Host host;
  auto& first = host.add<Streamer>({}, [](Address) { return Streamer(); });
  NodeOptions same;
  same.listen = first.endpoint();
  CHECK_THROWS_AS(host.add<Streamer>(same, [](Address) { return Streamer(); }), std::system_error);
  first.start();
  first.crash();
  auto& second = host.add<Streamer>(same, [](Address) { return Streamer(); });
  CHECK(second.address() == first.address());
  CHECK_THROWS_AS(first.start(), std::system_error);
  CHECK_FALSE(first.is_running());
}

TEST_CASE("a host watches descriptors and runs timed actions for its program") {
  Host host;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::string read;
  host.watch(ends[0], [&] {
    char buffer[16];
    const ssize_t size = ::read(ends[0], buffer, sizeof buffer);
    if (size > 0) read.append(buffer, static_cast<std::size_t>(size));
  });
  host.after(20ms, [&] { [[maybe_unused]] const ssize_t written = ::write(ends[1], "line", 4); });
  CHECK_FALSE(host.run_until([&] { return read == "line"; }, 5ms));
  CHECK(host.run_until([&] { return read == "line"; }, 5s));
  bool posted = false;
  host.post([&] { posted = true; });
  CHECK(host.run_until([&] { return posted; }, 5s));
  TemporaryDirectory directory;
  std::ofstream(directory.path() / "file") << "text";
  const FileDescriptor file(::open((directory.path() / "file").c_str(), O_RDONLY));
  CHECK_THROWS_AS(host.watch(file.number(), [] {}), std::system_error);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace peerbed::adapter
