#include "protocols/ring/base/compact_vector.h"

#include <numeric>
#include <span>
#include <vector>

#include "tests/catch.h"

using namespace peerbed;
using peerbed::ring::CompactVector;

namespace {

using Numbers = CompactVector<std::uint64_t>;

Numbers up_to(std::uint64_t count) {
  Numbers numbers;
  for (std::uint64_t number = 0; number < count; ++number) numbers.push_back(number);
  return numbers;
}

std::vector<std::uint64_t> all_of(const Numbers& numbers) { return {numbers.begin(), numbers.end()}; }

}  // namespace

TEST_CASE("a compact vector takes eight bytes, and nothing on the heap until it is used") {
  STATIC_REQUIRE(sizeof(Numbers) == 8);
  const Numbers none;
  CHECK(none.empty());
  CHECK(none.capacity() == 0);
  CHECK(none.begin() == none.end());
  CHECK(std::span(none).empty());
  none.prefetch(4);
}

TEST_CASE("a compact vector does what any vector does") {
  Numbers numbers = up_to(5);
  std::vector<std::uint64_t> plain(5);
  std::iota(plain.begin(), plain.end(), 0);
  const auto both = [&](auto&& change) {
    change(numbers);
    change(plain);
    REQUIRE(all_of(numbers) == plain);
  };
  both([](auto& list) { list.insert(list.begin() + 2, 70); });
  both([](auto& list) { list.insert(list.end(), 71); });
  both([](auto& list) { list.insert(list.begin(), list.back()); });
  both([](auto& list) { list.erase(list.begin() + 1); });
  both([](auto& list) { list.erase(list.begin() + 1, list.begin() + 3); });
  both([](auto& list) { list.erase(list.end(), list.end()); });
  both([](auto& list) { list.push_back(list.front()); });
  both([](auto& list) { list.pop_back(); });
  both([](auto& list) { list[1] = 72; });
  both([](auto& list) { list.erase(list.begin(), list.end()); });
  both([](auto& list) { list.clear(); });
  const std::vector<std::uint64_t> others{9, 8, 7};
  both([&](auto& list) { list.assign(others.begin(), others.end()); });
  CHECK(numbers.front() == 9);
  CHECK(numbers.back() == 7);
  CHECK(*numbers.rbegin() == 7);
}

TEST_CASE("a compact vector reserves exactly what is asked for, and grows by half when it is full") {
  Numbers numbers;
  numbers.reserve(8);
  CHECK(numbers.capacity() == 8);
  for (std::uint64_t number = 0; number < 9; ++number) numbers.push_back(number);
  CHECK(numbers.capacity() == 13);
  numbers.reserve(4);
  CHECK(numbers.capacity() == 13);
  CHECK(all_of(numbers) == all_of(up_to(9)));
}

TEST_CASE("copies of a compact vector are deep, and what was moved from is empty") {
  Numbers first = up_to(3);
  Numbers second = first;
  second[0] = 50;
  CHECK(first.front() == 0);
  Numbers third = std::move(second);
  CHECK(second.empty());  // NOLINT: use after move is what is tested
  second = third;
  third = Numbers{};
  CHECK(third.empty());
  CHECK(all_of(second) == std::vector<std::uint64_t>{50, 1, 2});
}

TEST_CASE("the canonical bytes of a compact vector are those of a vector") {
  const Numbers numbers = up_to(3);
  std::vector<std::byte> state;
  append_state(state, numbers);
  std::vector<std::byte> expected;
  append_state(expected, all_of(numbers));
  CHECK(state == expected);
  Numbers again;
  std::span<const std::byte> bytes = state;
  REQUIRE(read_state(bytes, again));
  CHECK(all_of(again) == all_of(numbers));
}
