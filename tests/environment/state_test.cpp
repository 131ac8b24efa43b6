#include "protocols/environment/state.h"

#include "protocols/environment/address.h"
#include "protocols/environment/time.h"
#include "tests/catch.h"

namespace peerbed {
namespace {

template <class Value>
std::vector<unsigned> state_of(const Value& value) {
  std::vector<std::byte> bytes;
  append_state(bytes, value);
  std::vector<unsigned> octets;
  for (const std::byte byte : bytes) octets.push_back(std::to_integer<unsigned>(byte));
  return octets;
}

using Octets = std::vector<unsigned>;

enum class Colour : std::uint8_t { red, green };

struct Empty {};

struct Point {
  std::uint16_t x = 0;
  std::uint16_t y = 0;
  auto fields() const { return std::tie(x, y); }
};

TEST_CASE("integers and enumerations are written least significant byte first") {
  CHECK(state_of(std::uint32_t{0x01020304}) == Octets{4, 3, 2, 1});
  CHECK(state_of(std::int16_t{-2}) == Octets{0xFE, 0xFF});
  CHECK(state_of(true) == Octets{1});
  CHECK(state_of(Colour::green) == Octets{1});
}

TEST_CASE("a range begins with its length so that neighbours cannot trade elements") {
  using Pair = std::pair<std::vector<std::uint8_t>, std::vector<std::uint8_t>>;
  CHECK(state_of(Pair{{1}, {2, 3}}) != state_of(Pair{{1, 2}, {3}}));
  CHECK(state_of(std::vector<std::uint8_t>{7, 8}) == Octets{2, 0, 0, 0, 0, 0, 0, 0, 7, 8});
  CHECK(state_of(std::string("a")) == Octets{1, 0, 0, 0, 0, 0, 0, 0, 'a'});
}

TEST_CASE("an absent value differs from a default one") {
  CHECK(state_of(std::optional<std::uint8_t>()) == Octets{0});
  CHECK(state_of(std::optional<std::uint8_t>(0)) == Octets{1, 0});
}

TEST_CASE("a pointer is written as what it points to") {
  const auto one = std::make_shared<Point>(Point{1, 2});
  const auto other = std::make_shared<Point>(Point{1, 2});
  CHECK(state_of(one) == state_of(other));
  CHECK(state_of(std::unique_ptr<Point>()) == Octets{0});
}

TEST_CASE("a variant includes which alternative it holds") {
  using Choice = std::variant<Empty, std::uint8_t, Colour>;
  CHECK(state_of(Choice{Empty{}}) == Octets{0});
  CHECK(state_of(Choice{std::uint8_t{1}}) == Octets{1, 1});
  CHECK(state_of(Choice{Colour::green}) == Octets{2, 1});
}

TEST_CASE("fields, one-field ids and times are reduced to their numbers") {
  CHECK(state_of(Point{1, 2}) == Octets{1, 0, 2, 0});
  CHECK(state_of(Address{5}) == Octets{5, 0, 0, 0, 0, 0, 0, 0});
  CHECK(state_of(time_zero + std::chrono::nanoseconds(3)) == Octets{3, 0, 0, 0, 0, 0, 0, 0});
  CHECK(state_of(Duration(-1)) == Octets(8, 0xFF));
}

TEST_CASE("maps and sets are written in the order of their keys") {
  const std::map<std::uint8_t, std::uint8_t> map{{2, 20}, {1, 10}};
  CHECK(state_of(map) == Octets{2, 0, 0, 0, 0, 0, 0, 0, 1, 10, 2, 20});
  CHECK(state_of(std::set<std::uint8_t>{3, 1}) == Octets{2, 0, 0, 0, 0, 0, 0, 0, 1, 3});
}

// Everything that can be read back, with something of each kind.
struct Everything {
  std::uint64_t large = 0xFEDCBA9876543210;
  std::int16_t negative = -2;
  bool flag = true;
  Colour colour = Colour::green;
  Point point{3, 4};
  Address address{5};
  Duration duration{-6};
  Time time = time_zero + std::chrono::nanoseconds(7);
  std::string text = "eight";
  std::array<std::byte, 2> pair{std::byte{9}, std::byte{10}};
  std::vector<Point> points{{11, 12}, {13, 14}};
  std::deque<std::uint8_t> queue{15};
  std::map<std::uint8_t, std::string> map{{16, "a"}, {17, ""}};
  std::set<std::uint32_t> set{18, 19};
  auto fields() const {
    return std::tie(large, negative, flag, colour, point, address, duration, time, text, pair, points, queue, map, set);
  }
};

// Everything empty, which differs from the above.
Everything nothing() {
  return {0, 0, false, Colour::red, {}, {}, {}, time_zero, "x", {}, {{1, 1}}, {1, 2}, {{1, "b"}}, {1}};
}

TEST_CASE("what was written is read back, and what follows it is left") {
  std::vector<std::byte> bytes;
  append_state(bytes, Everything{});
  const std::size_t size = bytes.size();
  bytes.push_back(std::byte{42});
  Everything read = nothing();
  std::span<const std::byte> rest(bytes);
  REQUIRE(read_state(rest, read));
  CHECK(rest.size() == 1);
  CHECK(state_of(read) == state_of(Everything{}));
  CHECK(state_of(read).size() == size);
}

TEST_CASE("no proper prefix of what was written can be read") {
  std::vector<std::byte> bytes;
  append_state(bytes, Everything{});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Everything read;
    std::span<const std::byte> rest(bytes.data(), size);
    CAPTURE(size);
    CHECK_FALSE(read_state(rest, read));
  }
}

TEST_CASE("an invalid length is refused") {
  const std::vector<std::byte> bytes(16, std::byte{0xFF});
  std::span<const std::byte> rest(bytes);
  std::vector<std::uint64_t> numbers;
  CHECK_FALSE(read_state(rest, numbers));
  std::vector<std::byte> two;
  append_state(two, std::vector<std::uint8_t>{1, 2});
  rest = two;
  std::array<std::uint8_t, 3> three{};
  CHECK_FALSE(read_state(rest, three));
}

}  // namespace
}  // namespace peerbed
