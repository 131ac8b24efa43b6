// A translator against what RFC 4787 and RFC 5382 require, requirement by requirement.

#include "sim/network/nat.h"

#include <set>

#include "tests/catch.h"

namespace peerbed::sim {

namespace {

using namespace std::chrono_literals;

const Address outside = Address::ipv4(0x0B000001, 0);
const Address inside = Address::ipv4(0x0A000001, 4000);
const Address other_inside = Address::ipv4(0x0A000002, 4000);
const Address remote = Address::ipv4(0x0A000064, 4000);
const Address same_host = remote.with_port(5000);
const Address other_host = Address::ipv4(0x0A000065, 4000);
const Address stranger = Address::ipv4(0x0A000066, 4000);

Time at(Duration since_start) { return time_zero + since_start; }

NatBehaviour behaviour(Dependence mapping, Dependence filtering) {
  return {.mapping = mapping, .filtering = filtering};
}

constexpr std::array dependences{Dependence::endpoint_independent, Dependence::address_dependent,
                                 Dependence::address_and_port_dependent};

// Which of the three remote endpoints share one port outside with the first.
std::string shared(Dependence mapping) {
  Nat nat(behaviour(mapping, Dependence::endpoint_independent), outside);
  const auto first = nat.translate_out(Transport::udp, inside, remote, at(0s));
  std::string text;
  for (const Address to : {same_host, other_host})
    text += nat.translate_out(Transport::udp, inside, to, at(1s)) == first ? '=' : '/';
  return text;
}

// Whether the remote endpoint, the same host from another port, and a stranger are let in.
std::string let_in(Dependence filtering) {
  Nat nat(behaviour(Dependence::endpoint_independent, filtering), outside);
  const std::uint16_t port = nat.translate_out(Transport::udp, inside, remote, at(0s))->port();
  std::string text;
  for (const Address from : {remote, same_host, stranger})
    text += nat.translate_in(Transport::udp, port, from, at(1s)) == inside ? '+' : '-';
  return text;
}

}  // namespace

TEST_CASE("RFC 4787 REQ-1: an endpoint-independent mapping is reused for all remote endpoints, others are not") {
  CHECK(shared(Dependence::endpoint_independent) == "==");
  CHECK(shared(Dependence::address_dependent) == "=/");
  CHECK(shared(Dependence::address_and_port_dependent) == "//");
}

TEST_CASE("RFC 4787 REQ-3: two endpoints never have the same port outside, and ports are kept where they are free") {
  for (const Dependence mapping : dependences) {
    Nat nat(behaviour(mapping, Dependence::endpoint_independent), outside);
    CHECK(nat.translate_out(Transport::udp, inside, remote, at(0s)) == outside.with_port(4000));
    std::set<Address> seen{outside.with_port(4000)};
    for (std::uint32_t host = 2; host < 500; ++host)
      CHECK(seen.insert(*nat.translate_out(Transport::udp, inside.plus(host), remote, at(0s))).second);
    for (const Address each : seen) CHECK(each.port() >= 1024);
  }
}

TEST_CASE("RFC 4787 REQ-4 does not bind, but when all ports are taken nothing gets out until one is free") {
  Nat nat(behaviour(Dependence::endpoint_independent, Dependence::endpoint_independent), outside);
  std::uint32_t host = 0;
  while (nat.translate_out(Transport::udp, inside.plus(host), remote, at(0s))) ++host;
  CHECK(host == 64'512);
  CHECK(nat.translate_out(Transport::tcp, inside.plus(host), remote, at(0s)));
  CHECK(nat.translate_out(Transport::udp, inside.plus(host), remote, at(2min)));
}

TEST_CASE("RFC 4787 REQ-5: a mapping outlives its last packet from inside by its lifetime, at least two minutes") {
  const NatBehaviour usual;
  CHECK(usual.lifetime >= 2min);
  Nat nat(behaviour(Dependence::endpoint_independent, Dependence::endpoint_independent), outside);
  const std::uint16_t port = nat.translate_out(Transport::udp, inside, remote, at(0s))->port();
  CHECK(nat.translate_in(Transport::udp, port, stranger, at(2min - 1ns)) == inside);
  CHECK_FALSE(nat.translate_in(Transport::udp, port, stranger, at(2min)));
  CHECK_FALSE(nat.owner(Transport::udp, port, at(2min)));
  // Whoever comes next may have the port.
  CHECK(nat.translate_out(Transport::udp, other_inside, remote, at(2min)) == outside.with_port(port));
  CHECK(nat.translate_out(Transport::udp, inside, remote, at(3min)) != outside.with_port(port));
}

TEST_CASE("RFC 4787 REQ-6: packets from inside keep a mapping alive, and those from outside do not") {
  Nat nat(behaviour(Dependence::endpoint_independent, Dependence::address_dependent), outside);
  const std::uint16_t port = nat.translate_out(Transport::udp, inside, remote, at(0s))->port();
  for (Duration time{}; time < 1h; time += 1min)
    CHECK(nat.translate_out(Transport::udp, inside, other_host, at(time)) == outside.with_port(port));
  CHECK(nat.translate_in(Transport::udp, port, other_host, at(1h)) == inside);
  // The permission to answer has a lifetime of its own.
  CHECK_FALSE(nat.translate_in(Transport::udp, port, remote, at(1h)));
  for (Duration time = 1h; time < 61min - 1s; time += 30s)
    CHECK(nat.translate_in(Transport::udp, port, other_host, at(time)));
  CHECK_FALSE(nat.translate_in(Transport::udp, port, other_host, at(62min)));
}

TEST_CASE("RFC 4787 REQ-8: filters let in anybody, a host that was sent to, or only an endpoint that was sent to") {
  CHECK(let_in(Dependence::endpoint_independent) == "+++");
  CHECK(let_in(Dependence::address_dependent) == "++-");
  CHECK(let_in(Dependence::address_and_port_dependent) == "+--");
}

TEST_CASE("RFC 4787 REQ-11: what a NAT does depends on nothing but its packets") {
  for (const Dependence mapping : dependences) {
    const auto ports = [&] {
      Nat nat(behaviour(mapping, Dependence::address_dependent), outside);
      std::vector<std::uint16_t> all;
      for (std::uint32_t i = 0; i < 2000; ++i)
        all.push_back(nat.translate_out(Transport::udp, inside.plus(i % 37), remote.plus(i % 11), at(i * 1s))->port());
      return all;
    };
    CHECK(ports() == ports());
  }
}

TEST_CASE("RFC 5382 REQ-5: a mapping of TCP lives for two hours and four minutes, beside that of UDP") {
  const NatBehaviour usual;
  CHECK(usual.stream_lifetime >= 2h + 4min);
  Nat nat(usual, outside);
  nat.translate_out(Transport::udp, inside, remote, at(0s));
  CHECK_FALSE(nat.translate_in(Transport::tcp, 4000, remote, at(1s)));
  CHECK(nat.translate_out(Transport::tcp, inside, remote, at(0s)) == outside.with_port(4000));
  CHECK(nat.translate_in(Transport::tcp, 4000, remote, at(2h)) == inside);
  CHECK_FALSE(nat.translate_in(Transport::udp, 4000, remote, at(2h)));
  // Where an endpoint has another port for one of them, it has that for the other, too.
  const auto udp = nat.translate_out(Transport::udp, other_inside, remote, at(1s));
  CHECK(nat.translate_out(Transport::tcp, other_inside, remote, at(1s)) == udp);
}

TEST_CASE("an endpoint has an open port where its filter lets in anybody, as long as its mapping lives") {
  for (const Dependence mapping : dependences) {
    Nat open(behaviour(mapping, Dependence::endpoint_independent), outside);
    CHECK_FALSE(open.open_port(Transport::udp, inside, at(0s)));
    open.translate_out(Transport::udp, inside, remote, at(0s));
    CHECK(open.open_port(Transport::udp, inside, at(1s)) == 4000);
    CHECK_FALSE(open.open_port(Transport::udp, other_inside, at(1s)));
    CHECK_FALSE(open.open_port(Transport::udp, inside, at(2min)));
    Nat closed(behaviour(mapping, Dependence::address_dependent), outside);
    closed.translate_out(Transport::udp, inside, remote, at(0s));
    CHECK_FALSE(closed.open_port(Transport::udp, inside, at(1s)));
  }
}

TEST_CASE("a NAT forgets what is over") {
  Permits permits;
  for (std::uint32_t i = 0; i < 100'000; ++i)
    permits.note(remote.plus(i), Dependence::address_dependent, at(i * 1s + 10s), at(i * 1s));
  CHECK(permits.size() < 100);
  Nat nat(behaviour(Dependence::address_and_port_dependent, Dependence::address_dependent), outside);
  for (std::uint32_t i = 0; i < 100'000; ++i) nat.translate_out(Transport::udp, inside.plus(i), remote, at(i * 1s));
  CHECK(nat.size(Transport::udp) < 1000);
}

}  // namespace peerbed::sim
