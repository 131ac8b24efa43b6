// NATs, carriers' NATs and firewalls in a world: where datagrams and streams get through, and from which address.

#include "sim/network/gateways.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/node.h"
#include "sim/engine/world.h"
#include "tests/catch.h"

namespace peerbed::sim {

namespace {

using namespace std::chrono_literals;

// Commands: "send ADDRESS TEXT" and "open ADDRESS". Records what it hears, from whom.
class Caller {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<TraceEventType, 0> trace_events{};
  static constexpr std::array<std::string_view, 1> message_kinds{"text"};

  void on_start(Environment&, Start) {}
  void on_datagram(Environment&, Address from, Bytes payload) {
    heard.push_back(to_string(from) + " " + std::string(reinterpret_cast<const char*>(payload.data()), payload.size()));
    last = from;
  }
  void on_timer(Environment&, TimerId) {}
  void on_leave(Environment& environment) { environment.exit(); }
  void on_content(Environment&, const ContentReady&) {}
  void on_stream(Environment& environment, const StreamEvent& event) {
    if (event.kind == StreamEventKind::accepted)
      environment.write_stream(event.stream, std::as_bytes(std::span("hi", 2)));
    if (event.kind == StreamEventKind::opened) environment.receive_bytes(event.stream, 2);
    constexpr std::array<std::string_view, 9> names{"accepted", "opened",      "bytes",  "",     "",
                                                    "",         "half-closed", "closed", "reset"};
    heard.push_back(to_string(event.peer) + " " + std::string(names[static_cast<std::size_t>(event.kind)]));
    last = event.peer;
  }
  void on_command(Environment& environment, std::string_view line) {
    const std::string_view verb = line.substr(0, line.find(' '));
    line.remove_prefix(verb.size() + 1);
    const std::string_view address = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), address.size() + 1));
    if (verb == "open") {
      environment.open_stream({next_stream}, *Address::parse(address));
      next_stream += 2;
      return;
    }
    environment.send(*Address::parse(address), std::as_bytes(std::span(line.data(), line.size())));
  }

  auto fields() const { return std::tie(heard, last, next_stream); }
  std::vector<std::string> heard;
  Address last;
  std::uint32_t next_stream = 1;
};

using Heard = std::vector<std::string>;

NatPlan plan(Dependence mapping, Dependence filtering, bool hairpin = true) {
  NatPlan plan;
  plan.behaviour = {.mapping = mapping, .filtering = filtering, .hairpin = hairpin};
  return plan;
}
constexpr auto independent = Dependence::endpoint_independent;
constexpr auto by_address = Dependence::address_dependent;
constexpr auto by_endpoint = Dependence::address_and_port_dependent;

// Hosts 0 and 1 are public; those from 2 on are behind gateways. A datagram takes 10 ms.
class Net {
 public:
  explicit Net(std::size_t hosts = 6, AddressFamily family = AddressFamily::ipv4) : world({.family = family}) {
    world.add_population<Caller>(hosts, [](NodeIndex) { return Caller(); });
    world.network().set_default({.latency = LatencyModel::constant(10ms)});
  }
  Gateways& gateways() { return world.network().gateways(); }
  void start() {
    for (NodeIndex node = 0; node < world.size(); ++node) world.start(node);
  }
  void run(Duration time) { world.run_until(world.now() + time); }
  void send(NodeIndex from, Address to, const std::string& text) {
    world.command(from, "send " + to_string(to) + " " + text);
    run(20ms);
  }
  void open(NodeIndex from, Address to) {
    world.command(from, "open " + to_string(to));
    run(200ms);
  }
  Heard take(NodeIndex node) {
    const Heard all = world.node<Caller>(node).heard;
    const Heard fresh(all.begin() + static_cast<std::ptrdiff_t>(seen_[node]), all.end());
    seen_[node] = all.size();
    return fresh;
  }
  Address last(NodeIndex node) { return world.node<Caller>(node).last; }
  std::uint64_t dropped() { return world.counters().dropped_gateway; }

  World world;

 private:
  std::array<std::size_t, 64> seen_{};
};

const Address nat1 = Address::ipv4(Gateways::first_public, 4000);

}  // namespace

TEST_CASE("a host behind a NAT is seen at the NAT's address, and answers reach it") {
  Net net;
  net.gateways().put_behind_nats(2, 4, plan(independent, by_endpoint));
  net.start();
  net.send(2, address_of(0), "hello");
  CHECK(net.take(0) == Heard{"11.0.0.1:4000 hello"});
  net.send(0, net.last(0), "answer");
  CHECK(net.take(2) == Heard{"10.0.0.1:4000 answer"});
  net.send(1, net.last(0), "stranger");
  net.send(0, address_of(2), "its address inside");
  CHECK(net.take(2).empty());
  CHECK(net.dropped() == 2);
  // Other hosts have NATs of their own.
  net.send(3, address_of(0), "hello");
  CHECK(net.take(0) == Heard{"11.0.0.2:4000 hello"});
}

TEST_CASE("RFC 4787 REQ-1 and REQ-8 in a world: who reaches a host behind each kind of NAT") {
  // By mapping and filter: whether host 1 reaches host 2 at the address that host 0 knows of it, before host 2 has sent
  // it anything, and after.
  const auto reached = [](Dependence mapping, Dependence filtering) {
    Net net;
    net.gateways().put_behind_nats(2, 1, plan(mapping, filtering));
    net.start();
    net.send(2, address_of(0), "x");
    const Address known = net.last(0);
    net.send(1, known, "before");
    const bool before = !net.take(2).empty();
    net.send(2, address_of(1), "x");
    net.send(1, known, "after");
    const bool after = !net.take(2).empty();
    net.send(1, net.last(1), "answer");
    CHECK(net.take(2) == Heard{"10.0.0.2:4000 answer"});
    return std::string(before ? "yes" : "no") + (after ? " yes" : " no");
  };
  CHECK(reached(independent, independent) == "yes yes");
  CHECK(reached(independent, by_address) == "no yes");
  CHECK(reached(independent, by_endpoint) == "no yes");
  CHECK(reached(by_address, independent) == "yes yes");
  CHECK(reached(by_address, by_address) == "no no");
  CHECK(reached(by_endpoint, by_endpoint) == "no no");
}

TEST_CASE("RFC 4787 REQ-5 and REQ-6 in a world: a mapping lives for its lifetime after the last packet from inside") {
  Net net;
  net.gateways().put_behind_nats(2, 1, plan(independent, independent));
  net.start();
  net.send(2, address_of(0), "x");
  CHECK(net.gateways().is_open(2, net.world.now()));
  net.run(2min - 50ms);
  net.send(0, nat1, "in time");
  CHECK(net.take(2).size() == 1);
  net.run(50ms);
  net.send(0, nat1, "late");
  CHECK(net.take(2).empty());
  CHECK_FALSE(net.gateways().is_open(2, net.world.now()));
}

TEST_CASE("RFC 4787 REQ-9: hosts behind one NAT reach one another from outside if it hairpins, and inside always") {
  for (const bool hairpin : {true, false}) {
    Net net;
    NatPlan home = plan(independent, independent, hairpin);
    home.hosts = 4;
    net.gateways().put_behind_nats(2, 4, home);
    net.start();
    net.send(2, address_of(0), "x");
    const Address first = net.last(0);
    net.send(3, address_of(0), "x");
    CHECK(net.last(0).with_port(0) == first.with_port(0));
    CHECK(net.last(0) != first);
    const Address second = net.last(0);
    net.send(3, first, "hairpin");
    // REQ-9a: the source is the endpoint outside.
    CHECK(net.take(2) == (hairpin ? Heard{to_string(second) + " hairpin"} : Heard{}));
    net.send(3, address_of(2), "inside");
    CHECK(net.take(2) == Heard{"10.0.0.4:4000 inside"});
  }
}

TEST_CASE("behind a carrier's NAT a host has two translators, and both must let a packet in") {
  NatPlan home = plan(independent, independent);
  home.carrier = NatBehaviour{.mapping = independent, .filtering = by_endpoint, .hairpin = true};
  Net net;
  net.gateways().put_behind_nats(2, 2, home);
  net.gateways().put_behind_nats(4, 2, plan(independent, independent));
  net.start();
  net.send(2, address_of(0), "x");
  const Address known = net.last(0);
  CHECK(to_string(known) == "11.0.0.1:4000");
  net.send(3, address_of(0), "x");
  CHECK(to_string(net.last(0)) == "11.0.0.1:1024");  // the carrier gives its subscribers ports of one address
  net.send(0, known, "answer");
  CHECK(net.take(2) == Heard{"10.0.0.1:4000 answer"});
  net.send(1, known, "stranger");
  CHECK(net.take(2).empty());
  CHECK_FALSE(net.gateways().is_open(2, net.world.now()));
  // Subscribers of one carrier reach one another through its hairpin once both have sent.
  net.take(3);
  const Address other = net.last(0);
  net.send(2, other, "punch");
  net.send(3, known, "punch");
  CHECK(net.take(2) == Heard{to_string(other) + " punch"});
  net.send(2, other, "through");
  CHECK(net.take(3) == Heard{to_string(known) + " through"});
  // From another NAT the addresses between NATs and their carrier lead nowhere.
  net.send(4, Address::ipv4(Gateways::first_shared + 1, 4000), "nowhere");
  CHECK(net.take(2).empty());
}

TEST_CASE("packets that cross on their way open both NATs for each other") {
  const auto punched = [](Dependence mapping) {
    Net net;
    net.gateways().put_behind_nats(2, 2, plan(mapping, by_endpoint));
    net.start();
    net.send(2, address_of(0), "x");
    const Address first = net.last(0);
    net.send(3, address_of(0), "x");
    const Address second = net.last(0);
    net.world.command(2, "send " + to_string(second) + " a");
    net.run(5ms);  // less than the way takes
    net.world.command(3, "send " + to_string(first) + " b");
    net.run(50ms);
    return net.take(2).size() + net.take(3).size();
  };
  CHECK(punched(independent) == 2);
  CHECK(punched(by_endpoint) == 0);
}

TEST_CASE("a firewall lets in answers and nothing else, in both address families") {
  for (const AddressFamily family : {AddressFamily::ipv4, AddressFamily::ipv6}) {
    Net net(6, family);
    net.gateways().put_behind_firewall(2, 2);
    net.start();
    const Address guarded = address_of(2, family);
    net.send(0, guarded, "stranger");
    CHECK(net.take(2).empty());
    net.send(2, address_of(0, family), "x");
    CHECK(net.last(0) == guarded);
    net.send(0, guarded, "answer");
    CHECK(net.take(2).size() == 1);
    net.send(1, guarded, "stranger");
    CHECK(net.take(2).empty());
    net.run(2min);
    net.send(0, guarded, "late");
    CHECK(net.take(2).empty());
    net.send(2, guarded, "itself");
    CHECK(net.take(2).size() == 1);
    CHECK(net.dropped() == 3);
    CHECK_FALSE(net.gateways().is_open(2, net.world.now()));
    CHECK(net.gateways().is_open(0, net.world.now()));
  }
}

TEST_CASE("streams are opened from behind a NAT, and to it only where its filter lets them in") {
  Net net;
  net.gateways().put_behind_nats(2, 2, plan(independent, by_address));
  net.gateways().put_behind_firewall(4, 1);
  net.start();
  net.open(2, address_of(0));
  CHECK(net.take(0) == Heard{"11.0.0.1:4000 accepted"});
  CHECK(net.take(2) == Heard{"10.0.0.1:4000 opened", "10.0.0.1:4000 bytes"});
  net.open(0, nat1);  // the stream from inside permits it
  CHECK(net.take(0) == Heard{"11.0.0.1:4000 opened", "11.0.0.1:4000 bytes"});
  CHECK(net.take(2) == Heard{"10.0.0.1:4000 accepted"});
  net.open(1, nat1);
  net.open(1, address_of(2));
  net.open(1, address_of(4));
  CHECK(net.take(1).empty());
  CHECK(net.take(2).empty());
  CHECK(net.take(4).empty());
  CHECK(net.world.stream_counters().packets_refused >= 3);
  net.open(4, address_of(1));
  CHECK(net.take(1) == Heard{"10.0.0.5:4000 accepted"});
}

TEST_CASE("a stream that carries nothing for longer than its NAT remembers is dead") {
  NatPlan forgetful = plan(independent, by_endpoint);
  forgetful.behaviour.stream_lifetime = 1min;
  Net net;
  net.gateways().put_behind_nats(2, 1, forgetful);
  net.start();
  net.open(2, address_of(0));
  CHECK(net.take(2).size() == 2);
  net.run(59s);
  CHECK(net.world.stream_counters().packets_refused == 0);
  net.run(2s);
  net.world.crash(2, Disk::keep);
  net.world.start(2);
  net.world.leave(0);  // its host resets the stream; the reset is refused
  net.run(1s);
  CHECK(net.world.stream_counters().packets_refused == 1);
}

TEST_CASE("crossing streams open both NATs for each other") {
  Net net;
  net.gateways().put_behind_nats(2, 2, plan(independent, by_endpoint));
  net.start();
  const Address other = Address::ipv4(Gateways::first_public + 1, 4000);
  net.world.command(2, "open " + to_string(other));
  net.run(5ms);
  net.world.command(3, "open " + to_string(nat1));
  net.run(5s);
  CHECK(net.take(2).size() + net.take(3).size() > 0);
  // The first SYN found no mapping; that of the other side came through, and so does the first when it is repeated.
  CHECK(net.last(2) == other);
  CHECK(net.last(3) == nat1);
}

TEST_CASE("a world behind gateways is a value, too") {
  Net net;
  net.gateways().put_behind_nats(2, 2, plan(independent, by_endpoint));
  net.start();
  net.send(2, address_of(0), "x");
  World copy = net.world;
  for (World* each : {&net.world, &copy}) {
    each->command(0, "send 11.0.0.1:4000 answer");
    each->run_until(each->now() + 1s);
  }
  CHECK(copy.digest() == net.world.digest());
  CHECK(copy.state_digest() == net.world.state_digest());
  CHECK(copy.node<Caller>(2).heard == net.world.node<Caller>(2).heard);
}

}  // namespace peerbed::sim
