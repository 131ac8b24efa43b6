#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr NodeIndex members = 20;
constexpr NodeIndex guest = members;

// A ring, and a host beside it whose node is a guest that knows members 0, 1 and 2.
class Visited {
 public:
  explicit Visited(Options options = quick_options(), double loss = 0) : ring(options, members, members) {
    const auto shared = std::make_shared<const Options>(options);
    ring.world().add_population<peerbed::ring::Node>(1, [shared](NodeIndex) {
      const Address bootstrap[] = {sim::address_of(0), sim::address_of(1), sim::address_of(2)};
      return peerbed::ring::Node::guest(shared, bootstrap);
    });
    ring.set_network(20ms, loss);
    ring.start_all();
    ring.world().start(guest);
  }

  // What is printed when the command is done.
  std::string ask(const std::string& line, NodeIndex node = guest, Duration limit = 120s) {
    const std::size_t before = ring.journal().lines().size();
    ring.world().command(node, line);
    for (Duration waited{}; waited < limit && ring.journal().lines().size() == before; waited += 100ms)
      ring.run_for(100ms);
    const auto& lines = ring.journal().lines();
    return lines.size() == before ? "nothing" : lines[before].text;
  }

  bool is_listed(NodeIndex who) const {
    const Address address = sim::address_of(who);
    const auto is_it = [address](Contact contact) { return contact.address == address; };
    for (NodeIndex i = 0; i < members; ++i) {
      const peerbed::ring::Node& node = ring.node(i);
      const auto successors = node.successors();
      const auto fingers = node.fingers();
      if (std::any_of(successors.begin(), successors.end(), is_it)) return true;
      if (std::any_of(fingers.begin(), fingers.end(), is_it)) return true;
      if (node.predecessor() && is_it(*node.predecessor())) return true;
    }
    return false;
  }

  RingWorld ring;
};

}  // namespace

TEST_CASE("a guest puts, gets and removes values as a member does, whatever is lost") {
  Options options = quick_options();
  options.lookup_mode = GENERATE(LookupMode::recursive, LookupMode::iterative);
  Visited visited(options, GENERATE(0.0, 0.2));
  for (int i = 0; i < 10; ++i) {
    const std::string name = "name" + std::to_string(i);
    CHECK(visited.ask("put " + name + " of a guest") == name + " is stored");
    CHECK(visited.ask("get " + name) == name + " = of a guest");
    CHECK(visited.ask("get " + name, 7) == name + " = of a guest");
    CHECK(visited.ask("put " + name + " of a member", 5) == name + " is stored");
    CHECK(visited.ask("get " + name) == name + " = of a member");
    CHECK(visited.ask("remove " + name) == name + " is removed");
    CHECK(visited.ask("get " + name) == name + " was not found");
  }
}

TEST_CASE("a guest's value is with all holders when it is acknowledged") {
  Visited visited;
  REQUIRE(visited.ask("put colour green") == "colour is stored");
  CHECK(visited.ring.holders(key_of_name("colour", KeySpace(64))) == 3);
  CHECK(visited.ring.journal().of(TraceEvent::value_acknowledged).size() == 1);
}

TEST_CASE("a guest goes on to the next bootstrap_node when one is dead, and stays with one that answers") {
  Visited visited;
  visited.ring.world().crash(0, Disk::keep);
  visited.ring.world().crash(1, Disk::keep);
  visited.ring.run_for(20s);
  const Time begun = visited.ring.world().now();
  REQUIRE(visited.ask("put colour green") == "colour is stored");
  CHECK(visited.ring.world().now() - begun < 12s);
  const Time known = visited.ring.world().now();
  CHECK(visited.ask("get colour") == "colour = green");
  CHECK(visited.ring.world().now() - known < 1s);
}

TEST_CASE("a guest whose bootstrap are all dead says that it has failed") {
  Visited visited;
  for (const NodeIndex bootstrap_node : {0u, 1u, 2u}) visited.ring.world().crash(bootstrap_node, Disk::keep);
  CHECK(visited.ask("get colour", guest, 300s) == "colour could not be fetched");
  CHECK(visited.ring.node(guest).pending_operations() == 0);
  CHECK(visited.ring.node(guest).pending_lookups() == 0);
  CHECK_FALSE(visited.ring.node(guest).heard_members());
}

TEST_CASE("the ring never lists a guest, and a guest never joins") {
  Visited visited(quick_options(), 0.1);
  for (int i = 0; i < 30; ++i) visited.ask("put name" + std::to_string(i) + " value");
  visited.ring.set_network(20ms);
  visited.ring.run_for(60s);
  CHECK_FALSE(visited.is_listed(guest));
  CHECK(visited.is_listed(3));
  CHECK_FALSE(visited.ring.node(guest).joined());
  CHECK(visited.ring.node(guest).successors().empty());
  CHECK(visited.ring.node(guest).value_count() == 0);
  CHECK(visited.ring.flaw() == "");
}

TEST_CASE("a guest may leave at any time, and the ring does not notice") {
  Visited visited;
  visited.ring.world().command(guest, "put colour green");
  visited.ring.world().leave(guest);
  visited.ring.run_for(30s);
  CHECK_FALSE(visited.ring.lives(guest));
  CHECK(visited.ring.flaw() == "");
  CHECK(visited.ring.journal().of(TraceEvent::peer_suspected).empty());
}

TEST_CASE("no message makes a guest a member, and it answers none that members ask one another") {
  const Address bootstrap[] = {sim::address_of(1)};
  ring::Node node = ring::Node::guest(std::make_shared<const Options>(), bootstrap);
  DrawCounts draws{};
  Effects effects;
  Environment environment(time_zero + 1s, sim::address_of(0), 1, draws, effects);
  node.on_start(environment, {});
  CHECK(effects.all().empty());
  const auto hear = [&](const auto& message) {
    std::byte buffer[maximum_datagram_size];
    Writer writer(buffer);
    message.encode(writer);
    node.on_datagram(environment, sim::address_of(1), writer.written());
  };
  const Contact member{Key{5}, sim::address_of(1)};
  Welcome welcome{.id = 1, .member = member};
  welcome.successors.add({Key{9}, sim::address_of(2)});
  hear(welcome);
  welcome.id = 0;
  hear(welcome);
  hear(Notify{Key{5}});
  hear(NeighboursQuery{1});
  hear(Neighbours{.id = 1, .self = Key{5}, .predecessor = member});
  hear(Ping{1});
  hear(Pong{1, Key{5}});
  hear(Leaving{Key{5}});
  hear(Find{.id = 1, .token = 1, .key = Key{0}, .asker = sim::address_of(1)});
  hear(Find{.id = 2, .token = 2, .key = Key{7}, .asker = sim::address_of(1), .purpose = Find::Purpose::join});
  hear(NextHopQuery{.id = 1, .key = Key{0}});
  hear(Get{.id = 1, .key = Key{0}});
  hear(Offer{.begin = Key{0}, .end = Key{5}});
  hear(CallBackQuery{1});
  hear(CallBack{1, sim::address_of(2)});
  hear(Called{1, sim::address_of(0)});
  CHECK(effects.all().empty());
  CHECK_FALSE(node.joined());
  CHECK(node.successors().empty());
  CHECK_FALSE(node.predecessor());
}
