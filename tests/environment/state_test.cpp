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

TEST_CASE("integers and enumerations are their bytes with the least significant first") {
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

TEST_CASE("a pointer stands for what it points at") {
  const auto one = std::make_shared<Point>(Point{1, 2});
  const auto other = std::make_shared<Point>(Point{1, 2});
  CHECK(state_of(one) == state_of(other));
  CHECK(state_of(std::unique_ptr<Point>()) == Octets{0});
}

TEST_CASE("a variant tells which alternative it holds") {
  using Choice = std::variant<Empty, std::uint8_t, Colour>;
  CHECK(state_of(Choice{Empty{}}) == Octets{0});
  CHECK(state_of(Choice{std::uint8_t{1}}) == Octets{1, 1});
  CHECK(state_of(Choice{Colour::green}) == Octets{2, 1});
}

TEST_CASE("fields and one-field ids and times are followed to their numbers") {
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

}  // namespace
}  // namespace peerbed
