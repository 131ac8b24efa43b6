#include "adapter/endpoint.h"

#include "adapter/address_book.h"
#include "tests/catch.h"

using peerbed::Address;
using peerbed::adapter::AddressBook;
using peerbed::adapter::Endpoint;

TEST_CASE("endpoints are read and written as people write them") {
  for (const char* text : {"127.0.0.1:4000", "10.1.2.3:1", "[::1]:4000", "[2001:db8::7]:65535"})
    CHECK(to_string(Endpoint::parse(text).value()) == text);
  CHECK(to_string(Endpoint::parse("127.0.0.1", 12'000).value()) == "127.0.0.1:12000");
  CHECK(to_string(Endpoint::parse("::1", 7).value()) == "[::1]:7");
  CHECK(Endpoint::parse("localhost:9").value().is_loopback());
  for (const char* text : {"", ":", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "[::1", "[::1]4"})
    CHECK_FALSE(Endpoint::parse(text));
}

TEST_CASE("an endpoint of IPv4 is an address and the other way round") {
  const Endpoint endpoint = Endpoint::parse("10.1.2.3:4000").value();
  CHECK(endpoint.is_ipv4());
  CHECK(endpoint.address() == Address::ipv4(0x0A010203, 4000));
  CHECK(Endpoint::of(endpoint.address()) == endpoint);
  CHECK_FALSE(endpoint.is_loopback());
  CHECK(Endpoint::parse("0.0.0.0:0").value().is_any());
  CHECK(Endpoint::parse("[::]:0").value().is_any());
}

TEST_CASE("endpoints of IPv6 get names of their own in a book that is bounded and forgets") {
  AddressBook book;
  const Endpoint first = Endpoint::parse("[2001:db8::1]:4000").value();
  const Address name = book.address_of(first);
  CHECK((name.value >> 63) == 1);
  CHECK(book.address_of(first) == name);
  CHECK(book.endpoint_of(name) == first);
  CHECK_FALSE(book.endpoint_of(Address{name.value + 1}));
  CHECK(book.address_of(Endpoint::parse("10.0.0.1:1").value()) == Address::ipv4(0x0A000001, 1));

  Endpoint many = first;
  for (std::size_t i = 0; i + 1 < AddressBook::maximum_entries; ++i) {
    many.host[0] = static_cast<std::uint8_t>(1 + i / 65'536);
    many.host[8] = static_cast<std::uint8_t>(i / 256);
    many.host[9] = static_cast<std::uint8_t>(i);
    many.host[10] = 0xFE;
    REQUIRE(book.address_of(many));
  }
  many.host[10] = 0xFD;
  const Address late = book.address_of(many);
  CHECK(book.size() == AddressBook::maximum_entries);
  CHECK(book.endpoint_of(late) == many);
  // Somebody's place was given away, and the name of whoever had it names nobody now.
  CHECK(book.address_of(first) != name);
  CHECK_FALSE(book.endpoint_of(name));
}
