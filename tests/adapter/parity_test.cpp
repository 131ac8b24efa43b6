// Runs the same node with the same commands in a simulated world and on the real host: it is told the same, in the same
// order, and its disk holds the same bytes, with and without seals.

#include <fstream>
#include <string>
#include <vector>

#include "sim/storage/extent.h"
#include "tests/adapter/journal.h"
#include "tests/adapter/keys.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::adapter {

namespace {

using namespace std::chrono_literals;
using sim::testing::Streamer;
using Texts = std::vector<std::string>;

// On the real host "open STREAM NODE" opens a stream to that node's endpoint.
struct RealStreamer : Streamer {
  std::shared_ptr<const std::vector<Address>> addresses;
  void on_command(Environment& environment, std::string_view line) {
    if (!line.starts_with("open ")) return Streamer::on_command(environment, line);
    std::uint32_t stream = 0;
    std::size_t node = 0;
    const char* end = line.data() + line.size();
    const char* rest = std::from_chars(line.data() + 5, end, stream).ptr;
    std::from_chars(rest + 1, end, node);
    environment.open_stream({stream}, node < addresses->size() ? addresses->at(node) : Address::ipv4(0x7F000001, 1));
  }
};

struct Command {
  std::size_t node = 0;
  std::string line;  // "LEAVE": the node leaves
};
using Script =
    std::vector<std::vector<Command>>;  // commands given at once; then everything that follows from them happens

constexpr std::size_t nodes = 3;
constexpr std::uint64_t file_size = 3'000'000;

std::string text_of(const sim::testing::Told& told) {
  return (told.stream == 0 ? "" : std::to_string(told.stream) + " ") + told.what;
}

struct Outcome {
  std::vector<Texts> told{nodes};
  std::vector<std::vector<std::byte>> hashes{nodes};
  std::vector<std::size_t> after_step;  // the number of events that all nodes had been told by then
};

Outcome in_simulation(const Script& script) {
  sim::World world = sim::testing::streamer_world(nodes, 1ms);
  world.put_file(0, "file", 7, file_size);
  Outcome outcome;
  for (const auto& step : script) {
    for (const Command& command : step) {
      const auto node = static_cast<NodeIndex>(command.node);
      command.line == "LEAVE" ? world.leave(node) : world.command(node, command.line);
    }
    world.run_until(world.now() + 30s);
    std::size_t count = 0;
    for (NodeIndex node = 0; node < nodes; ++node) count += sim::testing::streamer(world, node).told.size();
    outcome.after_step.push_back(count);
  }
  for (std::size_t i = 0; i < nodes; ++i) {
    const Streamer& node = sim::testing::streamer(world, static_cast<NodeIndex>(i));
    for (const auto& told : node.told) outcome.told[i].push_back(text_of(told));
    outcome.hashes[i] = node.hash;
  }
  return outcome;
}

// Runs the script on the real host, and waits after each step until as much has been told as in the simulation, plus a
// moment for anything that should not be told.
Outcome on_sockets(const Script& script, const Outcome& simulated, std::shared_ptr<const ClusterKey> key) {
  TemporaryDirectory directory(TemporaryDirectory::on_disk);  // where requests take time
  Host host(HostOptions{.seed = 1, .key = std::move(key), .workers = 8});
  auto addresses = std::make_shared<std::vector<Address>>();
  std::vector<HostedNodeOf<RealStreamer>*> hosted;
  for (std::size_t i = 0; i < nodes; ++i) {
    NodeOptions node_options;
    node_options.content.directory = directory.path() / std::to_string(i);
    hosted.push_back(&host.add<RealStreamer>(node_options, [addresses](Address) {
      RealStreamer node;
      node.addresses = addresses;
      return node;
    }));
    addresses->push_back(hosted.back()->address());
  }
  std::vector<std::byte> bytes(file_size);
  sim::materialise(sim::synthetic_extent(7, 0, file_size), bytes);
  std::ofstream(directory.path() / "0" / "file", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  for (auto* node : hosted) node->start();

  const auto all_told = [&] {
    std::size_t count = 0;
    for (const auto* node : hosted) count += node->node().told.size();
    return count;
  };
  for (std::size_t step = 0; step < script.size(); ++step) {
    for (const Command& command : script[step])
      command.line == "LEAVE" ? hosted[command.node]->leave() : hosted[command.node]->command(command.line);
    host.run_until([&] { return all_told() >= simulated.after_step[step]; }, 10s);
    host.run_for(20ms);
  }
  Outcome outcome;
  for (std::size_t i = 0; i < nodes; ++i) {
    for (const auto& told : hosted[i]->node().told) outcome.told[i].push_back(text_of(told));
    outcome.hashes[i] = hosted[i]->node().hash;
  }
  return outcome;
}

void check_parity(const Script& script) {
  const Outcome simulated = in_simulation(script);
  for (const auto& key : {std::shared_ptr<const ClusterKey>(), cluster_key('k')}) {
    const Outcome real = on_sockets(script, simulated, key);
    for (std::size_t i = 0; i < nodes; ++i) {
      INFO("node " << i << (key ? ", sealed" : ""));
      CHECK(real.told[i] == simulated.told[i]);
      CHECK((real.hashes[i] == simulated.hashes[i]));
    }
  }
}

}  // namespace

TEST_CASE("streams open and carry bytes and content alike in both worlds") {
  SECTION("bytes arrive as they are asked for") {
    check_parity({{{0, "open 1 1"}, {0, "write 1 good "}, {0, "write 1 day to you"}},
                  {{1, "ask 2 8"}, {1, "ask 2 7"}, {1, "ask 2 99"}},
                  {{0, "close 1"}},
                  {{1, "ask 2 1"}, {1, "close 2"}}});
  }
  SECTION("content goes from disk to disk") {
    check_parity({{{0, "import 1 file"}},
                  {{0, "open 1 1"}},
                  {{1, "take 2 5 0 2000000"}, {0, "send 1 1 1000000 2000000"}},
                  {{0, "hash 1 1000000 2000000"}, {1, "hash 5 0 2000000"}},
                  {{1, "export 5 copy"}, {1, "export 5 ../up"}, {1, "export 9 absent"}, {1, "import 3 copy"}},
                  {{1, "hash 3 0 2000000"}}});
  }
  SECTION("content and written bytes keep their order and either can be received as the other") {
    check_parity(
        {{{0, "store 1 content"}, {0, "open 1 1"}, {0, "write 1 head "}, {0, "send 1 1 0 7"}, {0, "write 1  tail"}},
         {{1, "ask 2 8"}, {1, "take 2 9 3 9"}},
         {{1, "read 9"}}});
  }
  SECTION("a node opens a stream to itself") {
    check_parity({{{0, "open 1 0"}, {0, "write 1 to myself"}}, {{0, "ask 2 9"}}});
  }
  SECTION("streams of several nodes do not affect one another") {
    check_parity({{{0, "open 1 2"}, {0, "write 1 from zero"}},
                  {{1, "open 1 2"}, {1, "write 1 from one"}},
                  {{2, "ask 2 9"}},
                  {{2, "ask 4 8"}},
                  {{0, "open 3 1"}},
                  {{1, "write 2 back"}, {0, "ask 3 4"}}});
  }
}

TEST_CASE("streams end alike in both worlds") {
  SECTION("both sides close") {
    check_parity({{{0, "open 1 1"}},
                  {{0, "write 1 last words"}, {0, "close 1"}},
                  {{1, "write 2 an answer"}, {1, "ask 2 10"}, {1, "ask 2 1"}, {0, "ask 1 9"}},
                  {{1, "close 2"}}});
  }
  SECTION("one side closes and the other continues") {
    check_parity({{{0, "open 1 1"}, {0, "close 1"}},
                  {{1, "ask 2 1"}, {1, "fill 2 20000"}},
                  {{1, "fill 2 10000"}},
                  {{0, "ask 1 30000"}},
                  {{1, "close 2"}}});
  }
  SECTION("unrequested bytes precede the end") {
    check_parity({{{0, "open 1 1"}, {0, "write 1 unread"}, {0, "close 1"}},
                  {{1, "close 2"}},
                  {{1, "ask 2 4"}},
                  {{1, "ask 2 4"}}});
  }
  SECTION("nobody listens there") { check_parity({{{0, "open 1 1"}, {1, "LEAVE"}}, {{0, "open 3 1"}}}); }
  SECTION("a process exits") { check_parity({{{0, "open 1 1"}, {0, "open 3 2"}}, {{1, "LEAVE"}}, {{2, "reset 2"}}}); }
  SECTION("a range does not exist") {
    check_parity({{{0, "store 1 hello"}, {0, "open 1 1"}}, {{0, "send 1 1 2 4"}}, {{0, "write 1 gone"}}});
  }
  SECTION("a file does not exist") { check_parity({{{0, "open 1 1"}}, {{0, "send 1 8 0 1"}}}); }
}

TEST_CASE("content is kept, hashed and refused alike in both worlds") {
  check_parity({{{0, "store 1 one"}, {0, "read 1"}},
                {{0, "store 1 another"}, {0, "read 1"}},
                {{0, "read 2"}},
                {{0, "erase 1"}, {0, "read 1"}},
                {{0, "import 2 nowhere"}},
                {{0, "import 2 ../0/file"}},
                {{0, "import 2 file"}},
                {{0, "hash 2 0 3000000"}},
                {{0, "hash 2 1 3000000"}},
                {{0, "hash 7 0 1"}},
                {{0, "store 4 some text"}, {0, "export 4 copy"}},
                {{0, "erase 4"}, {0, "hash 4 0 1"}},
                {{0, "import 3 copy"}},
                {{0, "hash 3 1 4"}}});
  // Each import finds what the export before it has just named.
  Script names{{}};
  for (int i = 10; i < 40; ++i) {
    const std::string name = " name" + std::to_string(i);
    names[0].push_back({0, "store " + std::to_string(i) + " text"});
    names[0].push_back({0, "export " + std::to_string(i) + name});
    names[0].push_back({0, "import " + std::to_string(100 + i) + name});
  }
  check_parity(names);
}

}  // namespace peerbed::adapter
