#include "adapter/base/endpoint.h"

#include "tests/catch.h"

using peerbed::Address;
using peerbed::adapter::Endpoint;

TEST_CASE("endpoints are parsed and printed in the usual notation") {
  for (const char* text : {"127.0.0.1:4000", "10.1.2.3:1", "[::1]:4000", "[2001:db8::7]:65535"})
    CHECK(to_string(Endpoint::parse(text).value()) == text);
  CHECK(to_string(Endpoint::parse("127.0.0.1", 12'000).value()) == "127.0.0.1:12000");
  CHECK(to_string(Endpoint::parse("::1", 7).value()) == "[::1]:7");
  CHECK(Endpoint::parse("localhost:9").value().is_loopback());
  for (const char* text : {"", ":", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "[::1", "[::1]4"})
    CHECK_FALSE(Endpoint::parse(text));
}

TEST_CASE("IPv4 endpoints and addresses convert both ways") {
  const Endpoint endpoint = Endpoint::parse("10.1.2.3:4000").value();
  CHECK(endpoint.is_ipv4());
  CHECK(endpoint.address() == Address::ipv4(0x0A010203, 4000));
  CHECK(Endpoint::of(endpoint.address()) == endpoint);
  CHECK_FALSE(endpoint.is_loopback());
  CHECK(Endpoint::parse("0.0.0.0:0").value().is_any());
  CHECK(Endpoint::parse("[::]:0").value().is_any());
}

TEST_CASE("IPv6 endpoints and addresses convert both ways") {
  for (const char* text : {"[::1]:4000", "[::]:4000", "[2001:db8::7]:1", "[fd00::a00:1]:4000"}) {
    const Endpoint endpoint = Endpoint::parse(text).value();
    CHECK(endpoint.address() == Address::parse(text));
    CHECK(Endpoint::of(endpoint.address()) == endpoint);
    CHECK_FALSE(endpoint.is_ipv4());
  }
  CHECK(Endpoint::parse("[fe80::1]:1")->is_link_local());
  CHECK_FALSE(Endpoint::parse("[fd00::1]:1")->is_link_local());
  CHECK_FALSE(Endpoint::parse("254.128.0.1:1")->is_link_local());
}

TEST_CASE("a name stands for all its addresses") {
  const std::vector<Endpoint> found = Endpoint::resolve("localhost:9");
  REQUIRE_FALSE(found.empty());
  for (const Endpoint& endpoint : found) {
    CHECK(endpoint.is_loopback());
    CHECK(endpoint.port == 9);
  }
  CHECK(Endpoint::resolve("127.0.0.1:9") == std::vector{Endpoint::parse("127.0.0.1:9").value()});
  CHECK(Endpoint::resolve("no-such-name.invalid:9").empty());
}
