#include "protocols/environment/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <set>
#include <vector>

#include "protocols/environment/ipv6_book.h"
#include "protocols/environment/ipv6_text.h"
#include "protocols/environment/random.h"
#include "tests/catch.h"

using namespace peerbed;

namespace {

Ipv6Host host_numbered(std::uint32_t number) {
  return {0x20,
          0x01,
          0x0D,
          0xB8,
          static_cast<std::uint8_t>(number >> 24),
          static_cast<std::uint8_t>(number >> 16),
          static_cast<std::uint8_t>(number >> 8),
          static_cast<std::uint8_t>(number),
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          1};
}

}  // namespace

TEST_CASE("addresses are parsed as they are printed") {
  for (const char* text : {"127.0.0.1:4000", "10.1.2.3:1", "0.0.0.0:7", "[::1]:4000", "[::]:4000", "[fd00::a00:1]:4000",
                           "[2001:db8::7]:65535", "[fe80::1]:1"}) {
    const auto address = Address::parse(text);
    REQUIRE(address);
    CHECK(to_string(*address) == text);
    CHECK(address->is_ipv6() == (text[0] == '['));
  }
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:4 ", "name:4000", "::1:4000",
        "[::1]", "[::1]:", "[::1]4000", "[::1", "[10.0.0.1]:4000", "[::1%lo]:4000", "01.2.3.4:5"})
    CHECK_FALSE(Address::parse(text));
}

TEST_CASE("IPv6 hosts are parsed and printed like the system does") {
  KeyedStream draws(1);
  for (int i = 0; i < 20'000; ++i) {
    Ipv6Host host{};
    for (std::uint8_t& byte : host) byte = draws.below(3) == 0 ? static_cast<std::uint8_t>(draws.next()) : 0;
    if (draws.below(8) == 0) host.fill(static_cast<std::uint8_t>(draws.next()));
    const bool is_mapped = std::all_of(host.begin(), host.begin() + 10, [](auto byte) { return byte == 0; });
    char text[INET6_ADDRSTRLEN] = {};
    inet_ntop(AF_INET6, host.data(), text, sizeof text);
    if (!is_mapped) CHECK(to_text(host) == text);  // the system prints these with an embedded IPv4 address
    CHECK(parse_ipv6(text) == host);
    CHECK(parse_ipv6(to_text(host)) == host);
  }
}

TEST_CASE("a text is an IPv6 host exactly if the system says so") {
  const std::vector<std::string> parts{":", "::",       "0",         "1",     "ffff", "0001", "12345",
                                       "g", "10.0.0.1", "256.1.1.1", "1.2.3", " ",    "-1"};
  KeyedStream draws(2);
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (std::uint64_t count = 1 + draws.below(17); count > 0; --count)
      text += draws.below(2) == 0 ? ":" : parts[draws.below(draws.below(4) == 0 ? parts.size() : 5)];
    Ipv6Host expected{};
    const bool is_host = inet_pton(AF_INET6, text.c_str(), expected.data()) == 1;
    const auto host = parse_ipv6(text);
    INFO(text);
    REQUIRE(host.has_value() == is_host);
    if (is_host) REQUIRE(host == expected);
  }
}

TEST_CASE("a host has one address, however it is written") {
  CHECK(Address::parse("[::ffff:10.0.0.1]:4000") == Address::ipv4(0x0A000001, 4000));
  CHECK(Address::parse("[fd00::10.0.0.1]:4000") == Address::laboratory(0x0A000001, 4000));
  CHECK(Address::parse("[FD00:0::0A00:1]:4000") == Address::laboratory(0x0A000001, 4000));
  CHECK(Address::ipv6(host_numbered(1), 4000) == Address::ipv6(host_numbered(1), 4000));
  CHECK(Address::ipv6(host_numbered(1), 4000) != Address::ipv6(host_numbered(2), 4000));
  CHECK(Address::ipv6(host_numbered(1), 4000).ipv6_host() == host_numbered(1));
  CHECK_FALSE(Address::ipv4(1, 1).ipv6_host());
}

TEST_CASE("an address belongs to one host, or it is not unicast") {
  for (const char* text : {"10.0.0.1:1", "223.255.255.255:65535", "127.0.0.1:4000", "[::1]:4000", "[fd00::1]:1",
                           "[2001:db8::1]:1", "[fec0::1]:1"})
    CHECK(Address::parse(text)->is_unicast());
  for (const char* text : {"10.0.0.1:0", "0.0.0.0:7", "224.0.0.1:7", "255.255.255.255:7", "[::]:7", "[::1]:0",
                           "[ff02::1]:7", "[fe80::1]:7", "[febf::1]:7"})
    CHECK_FALSE(Address::parse(text)->is_unicast());
  CHECK_FALSE(Address{}.is_unicast());
}

TEST_CASE("an address keeps its host when its port changes, and its port when its host is advanced") {
  for (const char* text : {"10.0.0.1:4000", "[fd00::a00:1]:4000", "[2001:db8::1]:4000"}) {
    const Address address = Address::parse(text).value();
    const Address other = address.with_port(5);
    CHECK(other.port() == 5);
    CHECK(host_text(other) == host_text(address));
    CHECK(other.family() == address.family());
  }
  CHECK(to_string(Address::parse("10.0.0.255:4000")->plus(2)) == "10.0.1.1:4000");
  CHECK(to_string(Address::parse("[fd00::a00:1]:4000")->plus(9)) == "[fd00::a00:a]:4000");
  CHECK(Address{}.family() == AddressFamily::none);
}

TEST_CASE("the book of IPv6 hosts gives the same name whatever it met before, and another one under a secret") {
  Ipv6Book book;
  Ipv6Book other;
  Ipv6Book secret;
  secret.set_secret(1);
  CHECK_FALSE(book.host_of(7));
  std::set<std::uint64_t> names;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    names.insert(book.name_of(host_numbered(i)).value());
    CHECK(other.name_of(host_numbered(999 - i)).value() >> Ipv6Book::name_bits == 0);
  }
  CHECK(names.size() == 1000);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    CHECK(book.name_of(host_numbered(i)) == other.name_of(host_numbered(i)));
    CHECK(book.name_of(host_numbered(i)) != secret.name_of(host_numbered(i)));
  }
  book.set_secret(2);  // too late
  CHECK(book.name_of(host_numbered(0)) == other.name_of(host_numbered(0)));
}

TEST_CASE("hosts that are only mentioned displace none that was heard, and a full book still names the newest") {
  Ipv6Book book;
  std::vector<std::uint64_t> heard;
  for (std::uint32_t i = 0; i < 2000; ++i) heard.push_back(book.name_of_heard(host_numbered(i)).value());
  for (std::uint32_t i = 2000; i < 4 * Ipv6Book::maximum_hosts; ++i) {
    const std::uint64_t name = book.name_of(host_numbered(i)).value();
    REQUIRE(book.host_of(name) == host_numbered(i));
  }
  for (std::uint32_t i = 0; i < 2000; ++i) CHECK(book.host_of(heard[i]) == host_numbered(i));
}

TEST_CASE(
    "if there are more hosts than the book holds, the one heard least recently is replaced, and gets its name again") {
  Ipv6Book book;
  const std::uint64_t first = book.name_of_heard(host_numbered(0)).value();
  const std::uint64_t second = book.name_of_heard(host_numbered(1)).value();
  for (std::uint32_t i = 2; i < 4 * Ipv6Book::maximum_hosts; ++i) {
    book.name_of_heard(host_numbered(i));
    if (i % 1000 == 0) book.name_of_heard(host_numbered(0));
  }
  CHECK(book.host_of(first) == host_numbered(0));
  CHECK_FALSE(book.host_of(second));
  CHECK(book.name_of_heard(host_numbered(1)) == second);
  CHECK(book.host_of(second) == host_numbered(1));
}

// An adversary who knows the hash finds, for each first half of a host, a second half that collides with another host.
TEST_CASE("a name is never taken from the host that has it, and a secret prevents chosen collisions") {
  const auto after_first_half = [](std::uint64_t half) {
    const std::uint64_t hash = (half ^ (sizeof(Ipv6Host) * 0x9E3779B97F4A7C15ULL)) * 0xD1342543DE82EF95ULL;
    return hash ^ (hash >> 32);
  };
  const auto host_of_halves = [](std::array<std::uint64_t, 2> halves) {
    Ipv6Host host{};
    for (std::size_t i = 0; i < host.size(); ++i) host[i] = static_cast<std::uint8_t>(halves[i / 8] >> (8 * (i % 8)));
    return host;
  };
  std::vector<Ipv6Host> hosts;
  for (std::uint64_t first = 0; first < 20; ++first)
    hosts.push_back(host_of_halves({first, after_first_half(first) ^ after_first_half(0)}));

  Ipv6Book book;
  const std::uint64_t victim = book.name_of_heard(hosts[0]).value();
  std::set<std::uint64_t> names{victim};
  std::size_t unnamed = 0;
  for (std::size_t i = 1; i < hosts.size(); ++i) {
    const auto name = book.name_of_heard(hosts[i]);
    if (name) CHECK(names.insert(*name).second);
    unnamed += name ? 0 : 1;
    CHECK(book.host_of(victim) == hosts[0]);
  }
  CHECK(unnamed == 12);  // eight names are all that they can get
  CHECK(names == std::set<std::uint64_t>{victim, victim + 1, victim + 2, victim + 3, victim + 4, victim + 5, victim + 6,
                                         victim + 7});

  Ipv6Book secret;
  secret.set_secret(0x5EC4E7);
  names.clear();
  for (const Ipv6Host& host : hosts) names.insert(secret.name_of_heard(host).value());
  CHECK(names.size() == hosts.size());
  CHECK(*names.rbegin() - *names.begin() > hosts.size());
}
