// Peers are never trusted: what forged, damaged and hostile datagrams may do to a node.

#include "tests/catch.h"
#include "tests/environment/round_trip.h"
#include "tests/kademlia/kademlia_world.h"

using namespace peerbed;
using namespace peerbed::kademlia;

namespace {

// One node that is fed by hand.
class Alone {
 public:
  explicit Alone(const Options& options = {}, bool joins = false)
      : node_(kademlia::Node::joining(std::make_shared<const Options>(options), self,
                                      joins ? std::span<const Address>(&door, 1) : std::span<const Address>())) {
    run([&](Environment& environment) { node_.on_start(environment, {}); });
  }

  static constexpr Id self{1, 2, 3};
  static constexpr Address door = Address::ipv4(99, 1);

  template <class Sent>
  void hear(Address from, const Sent& message) {
    hear_bytes(from, encoded(message));
  }
  void hear_bytes(Address from, const std::vector<std::byte>& bytes) {
    run([&](Environment& environment) { node_.on_datagram(environment, from, bytes); });
  }
  void command(std::string_view line) {
    run([&](Environment& environment) { node_.on_command(environment, line); });
  }
  void wait(Duration duration) { now_ += duration; }

  const kademlia::Node& node() const noexcept { return node_; }
  // What the last input made the node send.
  template <class Sent>
  std::vector<Sent> sent() {
    std::vector<Sent> all;
    for (const Effect& effect : effects_.all())
      if (effect.kind == EffectKind::send_datagram)
        if (const auto message = decode(effects_.bytes_of(effect)))
          if (const auto* one = std::get_if<Sent>(&*message)) all.push_back(*one);
    return all;
  }
  std::size_t traced(TraceEvent event) const {
    return static_cast<std::size_t>(std::count_if(
        effects_.all().begin(), effects_.all().end(),
        [&](const Effect& effect) { return effect.kind == EffectKind::trace && effect.number == index_of(event); }));
  }

 private:
  template <class Input>
  void run(const Input& input) {
    effects_.clear();
    Environment environment(now_, Address::ipv4(1, 1), 7, draws_, effects_);
    input(environment);
  }

  Time now_ = time_zero + 1h;
  DrawCounts draws_{};
  Effects effects_;
  kademlia::Node node_;
};

constexpr Contact stranger(std::uint32_t number) {
  return {{std::uint64_t{number} << 32 | 1, 0, 0}, Address::ipv4(number, 1)};
}

}  // namespace

TEST_CASE("a value is taken only with a token that was given to its sender's address") {
  Alone alone;
  const Contact other = stranger(5);
  alone.hear(other.address, FindNode{.id = 1, .self = other.id, .target = other.id});
  REQUIRE(alone.sent<Nodes>().size() == 1);
  StoreValue store{.id = 2,
                   .self = other.id,
                   .token = alone.sent<Nodes>()[0].token,
                   .key = {4, 4, 4},
                   .copy = {.stamp = {1, 1}, .lifetime = 1'000'000'000, .bytes = {}}};
  alone.hear(Address::ipv4(6, 1), store);
  REQUIRE(alone.sent<Stored>().size() == 1);
  CHECK(alone.sent<Stored>()[0].outcome == Stored::Outcome::bad_token);
  CHECK(alone.traced(TraceEvent::store_refused) == 1);
  CHECK(alone.node().store().size() == 0);
  alone.wait(11min);
  alone.hear(other.address, store);
  CHECK(alone.sent<Stored>()[0].outcome == Stored::Outcome::bad_token);
  alone.hear(other.address, Ping{.id = 3, .self = other.id});
  store.token = alone.sent<Pong>()[0].token;
  alone.hear(other.address, store);
  CHECK(alone.sent<Stored>()[0].outcome == Stored::Outcome::stored);
  CHECK(alone.node().store().size() == 1);
  store.key = {5, 5, 5};
  store.copy.lifetime = UINT64_MAX;
  alone.hear(other.address, store);
  CHECK(alone.sent<Stored>()[0].outcome == Stored::Outcome::refused);
}

TEST_CASE("nobody gets into a bucket by asking: an answer to a ping is needed") {
  Alone alone;
  const Contact other = stranger(5);
  alone.hear(other.address, FindNode{.id = 1, .self = other.id, .target = other.id});
  REQUIRE(alone.sent<Ping>().size() == 1);
  const Ping ping = alone.sent<Ping>()[0];
  CHECK(alone.node().table().empty());
  alone.hear(other.address, Pong{.id = ping.id + 1, .self = other.id});
  alone.hear(Address::ipv4(6, 1), Pong{.id = ping.id, .self = other.id});
  CHECK(alone.node().table().empty());
  alone.hear(other.address, Pong{.id = ping.id, .self = other.id});
  CHECK(alone.node().table().size() == 1);
}

TEST_CASE("a node that answers under another identifier than it was known by is no longer listed under that") {
  Alone alone;
  const Contact other = stranger(5);
  alone.hear(other.address, Ping{.id = 1, .self = other.id});
  alone.hear(other.address, Pong{.id = alone.sent<Ping>()[0].id, .self = other.id});
  alone.command("lookup a");
  REQUIRE(alone.sent<FindNode>().size() == 1);
  const Id changed{77, 0, 0};
  alone.hear(other.address, Nodes{.id = alone.sent<FindNode>()[0].id, .self = changed});
  CHECK(alone.traced(TraceEvent::lookup_done) == 1);
  REQUIRE(alone.node().table().size() == 1);
  CHECK(alone.node().table().closest(alone.node().options(), {}, {})[0].id == changed);
}

TEST_CASE("an identifier that is the node's own counts for nothing") {
  Alone alone;
  alone.hear(Address::ipv4(5, 1), FindNode{.id = 1, .self = Alone::self, .target = {}});
  CHECK(alone.sent<Nodes>().empty());
  CHECK(alone.sent<Ping>().empty());
}

TEST_CASE("a flood of strangers makes a node send no more pings than it may await") {
  Alone alone;
  std::size_t pings = 0;
  for (std::uint32_t i = 1; i <= 10'000; ++i) {
    alone.hear(stranger(i).address, Ping{.id = i, .self = stranger(i).id});
    pings += alone.sent<Ping>().size();
  }
  CHECK(pings == maximum_checks);
  CHECK(alone.node().table().empty());
}

TEST_CASE("contacts at hand-picked identifiers fill their buckets and nothing else") {
  Alone alone({.bucket_size = 4, .replacement_cache = 2});
  std::uint32_t number = 0;
  for (unsigned prefix = 0; prefix < id_bits; ++prefix)
    for (std::uint32_t i = 0; i < 10; ++i) {
      const Contact other{with_prefix_of(Alone::self, prefix, expanded(++number)), Address::ipv4(number, 1)};
      alone.hear(other.address, Ping{.id = number, .self = other.id});
      const auto pings = alone.sent<Ping>();
      if (!pings.empty()) alone.hear(other.address, Pong{.id = pings[0].id, .self = other.id});
    }
  CHECK(alone.node().table().buckets().size() <= id_bits);
  for (const Bucket& bucket : alone.node().table().buckets()) {
    CHECK(bucket.entries().size() <= 4);
    CHECK(bucket.replacements().size() <= 2);
  }
}

TEST_CASE("datagrams that are no message are refused and counted, and one of another version is told so") {
  Alone alone;
  std::vector<std::byte> damaged = encoded(Ping{.id = 1, .self = stranger(5).id});
  damaged[5] ^= std::byte{1};
  alone.hear_bytes(stranger(5).address, damaged);
  CHECK(alone.traced(TraceEvent::datagram_refused) == 1);
  CHECK(alone.sent<Pong>().empty());
}

TEST_CASE("no answer is much longer than the request, but for the list of contacts and a value") {
  Alone alone;
  const Contact other = stranger(5);
  CHECK(encoded(Pong{}).size() <= encoded(Ping{}).size() + 8);
  CHECK(encoded(Stored{}).size() <= encoded(StoreValue{}).size());
  alone.hear(other.address, Ping{.id = 1, .self = other.id});
  CHECK(alone.sent<Pong>().size() == 1);
}
