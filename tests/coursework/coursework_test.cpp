// The ring examples of the coursework, S0 to S24: the lines that the peers print and the successors they end with.

#include <algorithm>
#include <cmath>
#include <map>

#include "protocols/coursework/node.h"
#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::coursework;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;
using Pair = std::pair<std::uint64_t, std::uint64_t>;

namespace {

// A peer that is not in the ring at first: the host it runs on, the id it wants and the peer it knows.
struct Joiner {
  std::uint64_t host = 0;
  std::uint64_t id = 0;
  std::uint64_t known = 0;
};

// Host i is peer i of a ring made by `init`, apart from one joiner.
class Coursework {
 public:
  explicit Coursework(std::vector<std::uint64_t> peers, Joiner joiner = {}, Options options = {},
                      std::uint64_t seed = 1)
      : world_(sim::WorldOptions{.seed = seed}) {
    const auto shared = std::make_shared<const Options>(options);
    world_.add_population<coursework::Node>(256, [=](NodeIndex index) {
      if (index == joiner.host)
        return coursework::Node::joining(shared, {Key{joiner.id}, sim::address_of(index)}, contact(joiner.known));
      const auto place = static_cast<std::size_t>(std::find(peers.begin(), peers.end(), index) - peers.begin());
      const auto after = [&](std::size_t steps) { return contact(peers[(place + steps) % peers.size()]); };
      return coursework::Node::established(shared, contact(index), after(1), after(2));
    });
    world_.observe(&journal);
    set_loss(0);
    for (const std::uint64_t peer : peers) world_.start(static_cast<NodeIndex>(peer));
    run_for(1s);  // the first pings make the predecessors known
    journal.clear();
  }

  static Contact contact(std::uint64_t peer) { return {Key{peer}, sim::address_of(static_cast<NodeIndex>(peer))}; }
  void set_loss(double loss) {
    sim::PathConditions path;
    path.latency = sim::LatencyModel::constant(2ms);
    path.loss = sim::LossModel::independent(loss);
    world_.network().set_default(path);
  }
  void run_for(Duration duration) { world_.run_until(world_.now() + duration); }
  void start(std::uint64_t host) {
    world_.start(static_cast<NodeIndex>(host));
    run_for(2s);
  }
  void command_now(std::uint64_t peer, std::string_view line) { world_.command(static_cast<NodeIndex>(peer), line); }
  void command(std::uint64_t peer, std::string_view line) {
    command_now(peer, line);
    run_for(2s);
  }
  void kill(std::uint64_t peer) { world_.crash(static_cast<NodeIndex>(peer), Disk::keep); }
  bool runs(std::uint64_t peer) const {
    return world_.status(static_cast<NodeIndex>(peer)) == sim::HostStatus::running;
  }
  const coursework::Node& node(std::uint64_t peer) const {
    return world_.node<coursework::Node>(static_cast<NodeIndex>(peer));
  }
  Pair successors(std::uint64_t peer) const {
    const auto list = node(peer).successors();
    return list.size() == 2 ? Pair{list[0].key.value, list[1].key.value} : Pair{999, 999};
  }
  Pair predecessors(std::uint64_t peer) const {
    const auto first = node(peer).predecessor();
    const auto second = node(peer).second_predecessor();
    return {first ? first->key.value : 999, second ? second->key.value : 999};
  }
  // What a peer printed, apart from its pings.
  Lines lines(std::uint64_t peer) const {
    Lines found;
    for (const auto& line : journal.lines())
      if (line.node == peer && line.text.find("Ping") == std::string::npos) found.push_back(line.text);
    return found;
  }
  std::map<std::uint64_t, Pair> ring() const {
    std::map<std::uint64_t, Pair> all;
    for (std::uint64_t peer = 0; peer < 256; ++peer)
      if (runs(peer) && node(peer).joined()) all[peer] = successors(peer);
    return all;
  }

  ring::Journal journal;

 private:
  sim::World world_;
};

const std::vector<std::uint64_t> base = {2, 4, 5, 8, 9, 14, 19};
std::map<std::uint64_t, Pair> base_ring() {
  return {{2, {4, 5}}, {4, {5, 8}}, {5, {8, 9}}, {8, {9, 14}}, {9, {14, 19}}, {14, {19, 2}}, {19, {2, 4}}};
}

// How long three missed pings take to be noticed and repaired, at 10 s a ping.
constexpr Duration detection = 45s;

}  // namespace

TEST_CASE("S0: the ring is initialised, and pings make predecessors known") {
  Coursework ring(base);
  CHECK(ring.ring() == base_ring());
  CHECK(ring.predecessors(2) == Pair{19, 14});
  CHECK(ring.predecessors(9) == Pair{8, 5});
  ring.run_for(10s);
  Lines pings;
  for (const auto& line : ring.journal.lines())
    if (line.node == 5) pings.push_back(line.text);
  std::sort(pings.begin(), pings.end());
  CHECK(pings == Lines{"Ping request message received from Peer 2", "Ping request message received from Peer 4",
                       "Ping requests sent to Peers 8 and 9", "Ping response received from Peer 8",
                       "Ping response received from Peer 9"});
}

TEST_CASE("S1: peer 15 joins via 4") {
  Coursework ring(base, {15, 15, 4});
  ring.start(15);
  for (const std::uint64_t peer : {4, 5, 8})
    CHECK(ring.lines(peer) == Lines{"Peer 15 Join request forwarded to my successor"});
  CHECK(ring.lines(9) == Lines{"Peer 15 Join request forwarded to my successor", "Successor Change request received",
                               "My new first successor is Peer 14", "My new second successor is Peer 15"});
  CHECK(ring.lines(14) == Lines{"Peer 15 Join request received", "My new first successor is Peer 15",
                                "My new second successor is Peer 19"});
  CHECK(ring.lines(15) ==
        Lines{"Join request has been accepted", "My first successor is Peer 19", "My second successor is Peer 2"});
  auto expected = base_ring();
  expected[9] = {14, 15};
  expected[14] = {15, 19};
  expected[15] = {19, 2};
  CHECK(ring.ring() == expected);
}

TEST_CASE("S2: peer 9 quits") {
  Coursework ring(base);
  ring.command(9, "Quit");
  CHECK(ring.lines(8) == Lines{"Peer 9 will depart from the network", "My new first successor is Peer 14",
                               "My new second successor is Peer 19"});
  CHECK(ring.lines(5) == Lines{"Peer 9 will depart from the network", "My new first successor is Peer 8",
                               "My new second successor is Peer 14"});
  auto expected = base_ring();
  expected.erase(9);
  expected[8] = {14, 19};
  expected[5] = {8, 14};
  CHECK(ring.ring() == expected);
  CHECK_FALSE(ring.runs(9));
}

TEST_CASE("S3: peer 14 is killed") {
  Coursework ring(base);
  ring.kill(14);
  ring.run_for(detection);
  CHECK(ring.lines(9) ==
        Lines{"Peer 14 is no longer alive", "My new first successor is Peer 19", "My new second successor is Peer 2"});
  CHECK(ring.lines(8) ==
        Lines{"Peer 14 is no longer alive", "My new first successor is Peer 9", "My new second successor is Peer 19"});
  auto expected = base_ring();
  expected.erase(14);
  expected[8] = {9, 19};
  expected[9] = {19, 2};
  CHECK(ring.ring() == expected);
  ring.run_for(10s);
  CHECK(ring.predecessors(19) == Pair{9, 8});
  CHECK(ring.predecessors(2) == Pair{19, 9});
}

TEST_CASE("S4 to S8: files are stored at the first peer at or after their key") {
  struct Example {
    std::string file;
    std::uint64_t origin;
    std::vector<std::uint64_t> route;
    std::uint64_t owner;
  };
  const Example example =
      GENERATE(Example{"2067", 8, {8, 9, 14}, 19}, Example{"2012", 19, {19}, 2}, Example{"2012", 2, {}, 2},
               Example{"0000", 4, {4, 5, 8, 9, 14, 19}, 2}, Example{"4103", 2, {2, 4, 5}, 8});
  Coursework ring(base);
  ring.command(example.origin, "Store " + example.file);
  for (const std::uint64_t peer : base) {
    const bool forwards = std::find(example.route.begin(), example.route.end(), peer) != example.route.end();
    if (forwards) CHECK(ring.lines(peer) == Lines{"Store " + example.file + " request forwarded to my successor"});
    if (peer == example.owner) CHECK(ring.lines(peer) == Lines{"Store " + example.file + " request accepted"});
    if (!forwards && peer != example.owner) CHECK(ring.lines(peer).empty());
  }
}

TEST_CASE("S5: file 4103 is requested at 2 and sent by 8") {
  Coursework ring(base);
  ring.command(8, "Store 4103 some content");
  ring.journal.clear();
  ring.command(2, "Request 4103");
  CHECK(ring.lines(2) == Lines{"File request for 4103 has been sent to my successor", "Peer 8 had File 4103",
                               "Receiving File 4103 from Peer 8", "File 4103 received"});
  for (const std::uint64_t peer : {4, 5})
    CHECK(ring.lines(peer) == Lines{"Request for File 4103 has been received, but the file is not stored here"});
  CHECK(ring.lines(8) == Lines{"File 4103 is stored here", "Sending file 4103 to Peer 2", "The file has been sent"});
}

TEST_CASE("a file name that is not four digits is refused") {
  Coursework ring(base);
  for (const char* line : {"Store a912", "Store 32134", "Request 12", "Store", "Request "}) {
    ring.journal.clear();
    ring.command(4, line);
    CHECK(ring.lines(4) == Lines{"A file name has exactly four digits"});
  }
}

TEST_CASE("S11: a joiner below the smallest id is taken in by the largest") {
  Coursework ring(base, {1, 1, 4});
  ring.start(1);
  auto expected = base_ring();
  expected[19] = {1, 2};
  expected[1] = {2, 4};
  expected[14] = {19, 1};
  CHECK(ring.ring() == expected);
  for (const std::uint64_t peer : {4, 5, 8, 9})
    CHECK(ring.lines(peer) == Lines{"Peer 1 Join request forwarded to my successor"});
}

TEST_CASE("S16: an id that is in the network already is refused, and the ring stays as it is") {
  Coursework ring(base, {200, 9, 4});
  ring.start(200);
  CHECK(ring.lines(200) == Lines{"Join request has been refused: Peer 9 is already in the network"});
  CHECK_FALSE(ring.runs(200));
  CHECK(ring.ring() == base_ring());
}

TEST_CASE("S17: a request of a file that was never stored ends with a line") {
  Coursework ring(base);
  ring.command(2, "Request 4103");
  CHECK(ring.lines(2) == Lines{"File request for 4103 has been sent to my successor",
                               "File 4103 was not found: Peer 8 should have it and does not"});
  CHECK(ring.lines(8) == Lines{"Request for File 4103 has been received, but the file is not stored here"});
}

TEST_CASE("S18: of three peers one quits, and two are left") {
  Coursework ring({7, 100, 200});
  CHECK(ring.ring() == std::map<std::uint64_t, Pair>{{7, {100, 200}}, {100, {200, 7}}, {200, {7, 100}}});
  ring.command(100, "Quit");
  CHECK(ring.ring() == std::map<std::uint64_t, Pair>{{7, {200, 7}}, {200, {7, 200}}});
}

TEST_CASE("S19: of two peers each has itself as second successor, and nobody pings itself") {
  Coursework ring({7, 200});
  CHECK(ring.ring() == std::map<std::uint64_t, Pair>{{7, {200, 7}}, {200, {7, 200}}});
  ring.run_for(10s);
  for (const auto& line : ring.journal.lines())
    if (line.node == 7) CHECK(line.text.find("Peer 7") == std::string::npos);
  for (const auto& [file, owner] : std::map<std::string, std::uint64_t>{{"0000", 7}, {"0008", 200}, {"0201", 7}}) {
    ring.command(200, "Store " + file);
    const Lines lines = ring.lines(owner);
    CHECK(std::find(lines.begin(), lines.end(), "Store " + file + " request accepted") != lines.end());
  }
  ring.journal.clear();
  ring.command(200, "Quit");
  CHECK(ring.lines(7) == Lines{"Peer 200 will depart from the network", "My new first successor is Peer 7",
                               "My new second successor is Peer 7"});
}

TEST_CASE("S20: one peer owns all, and takes a joiner in directly") {
  Coursework ring({7}, {100, 100, 7});
  CHECK(ring.ring() == std::map<std::uint64_t, Pair>{{7, {7, 7}}});
  ring.command(7, "Store 0100");
  CHECK(ring.lines(7) == Lines{"Store 0100 request accepted"});
  ring.start(100);
  CHECK(ring.ring() == std::map<std::uint64_t, Pair>{{7, {100, 7}}, {100, {7, 100}}});
}

TEST_CASE("S21: 9 and 8 quit at once") {
  Coursework ring(base);
  SECTION("the news of 9 first") {
    ring.command_now(9, "Quit");
    ring.run_for(1ms);  // half the latency: 8 has not yet heard of it
    ring.command_now(8, "Quit");
  }
  SECTION("the news of 8 first") {
    ring.command_now(8, "Quit");
    ring.run_for(1ms);
    ring.command_now(9, "Quit");
  }
  ring.run_for(2s);
  CHECK(ring.successors(5) == Pair{14, 19});
  // Peer 4 was told of 9 by 8 and has to find out by its own pings that 9 has gone, too.
  ring.run_for(2 * detection);
  CHECK(ring.successors(5) == Pair{14, 19});
  CHECK(ring.successors(4) == Pair{5, 14});
}

TEST_CASE("S22: a peer that has lost both successors says so") {
  Coursework ring(base);
  ring.kill(9);
  ring.kill(14);
  ring.run_for(detection);
  const Lines lines = ring.lines(8);
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back() == "Peer 8 has lost both successors and is cut off from the ring");
}

TEST_CASE("S24: a loss of ping datagrams of a tenth kills nobody soon, and letters get through") {
  Options options;
  options.missed_pings = 6;
  Coursework ring(base, {15, 15, 4}, options);
  ring.set_loss(0.1);
  ring.start(15);
  ring.run_for(20s);
  ring.command(8, "Store 2067 text");
  ring.run_for(20s);
  ring.command(2, "Request 2067");
  ring.run_for(60s);
  const Lines lines = ring.lines(2);
  CHECK(lines.back() == "File 2067 received");
  CHECK(ring.ring().size() == 8);
  CHECK(ring.successors(14) == Pair{15, 19});
}

TEST_CASE("at three missed pings the rate of false deaths is the loss of a round trip cubed") {
  Options options;
  options.ping_interval = 1s;
  std::size_t deaths = 0;
  constexpr int rounds = 200;
  for (int i = 0; i < rounds; ++i) {
    Coursework pair({7, 100}, {}, options, static_cast<std::uint64_t>(i));
    pair.set_loss(0.3);
    pair.run_for(3500ms);  // pings at 1, 2 and 3 s, the last counted at 4 s
    pair.run_for(1s);
    for (const auto& line : pair.journal.lines()) deaths += line.text.find("no longer alive") != std::string::npos;
  }
  const double expected = 0.51 * 0.51 * 0.51 * 2 * rounds;  // of both peers
  CHECK(std::abs(static_cast<double>(deaths) - expected) < 4 * std::sqrt(expected));
}

TEST_CASE("what one peer kills, the next round of pings repairs again") {
  Coursework ring(base);
  ring.kill(14);
  ring.run_for(detection);
  ring.kill(4);
  ring.run_for(detection);
  ring.kill(9);
  ring.run_for(detection);
  CHECK(ring.ring() == std::map<std::uint64_t, Pair>{{2, {5, 8}}, {5, {8, 19}}, {8, {19, 2}}, {19, {2, 5}}});
}
