#include "protocols/swim/turns.h"

#include <map>
#include <set>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swim;

namespace {

constexpr Address address(std::uint32_t host) { return Address::ipv4(host, 1); }

struct Surroundings {
  DrawCounts draws{};
  Effects effects{};
  Environment environment{time_zero, address(99), 7, draws, effects};
  Turns turns{};

  explicit Surroundings(std::uint32_t members) {
    for (std::uint32_t i = 1; i <= members; ++i) turns.add(environment, address(i));
  }
  Address next() { return turns.next(environment).value_or(Address{}); }
};

}  // namespace

TEST_CASE("in each round, every member has its turn once, in a new order") {
  Surroundings all(10);
  std::set<std::vector<Address>> orders;
  for (int round = 0; round < 20; ++round) {
    std::vector<Address> order;
    for (int i = 0; i < 10; ++i) order.push_back(all.next());
    CHECK(std::set<Address>(order.begin(), order.end()).size() == 10);
    orders.insert(order);
  }
  CHECK(orders.size() == 20);
}

TEST_CASE("a newcomer in the middle of a round takes nobody's turn, and who has gone has none") {
  for (std::uint32_t newcomer = 100; newcomer < 150; ++newcomer) {
    Surroundings all(10);
    std::map<Address, int> turns;
    for (int i = 0; i < 5; ++i) ++turns[all.next()];
    all.turns.add(all.environment, address(newcomer));
    const Address gone = turns.begin()->first;  // it had its turn
    all.turns.erase(gone);
    for (int i = 0; i < 5; ++i) ++turns[all.next()];
    for (std::uint32_t i = 1; i <= 10; ++i) CHECK(turns[address(i)] <= 1);
    CHECK(turns[gone] == 1);
    for (int i = 0; i < 40; ++i) CHECK(all.next() != gone);
  }
}

TEST_CASE("nobody has a turn where there is nobody") {
  Surroundings none(0);
  CHECK(none.next() == Address{});
  CHECK_FALSE(none.turns.any(none.environment).has_value());
  CHECK(none.turns.some(none.environment, 3, {}).empty());
}

TEST_CASE("proxies are distinct, drawn among all, and never the one whom they are to ping") {
  Surroundings all(10);
  std::map<Address, int> chosen;
  for (int i = 0; i < 500; ++i) {
    const auto some = all.turns.some(all.environment, 3, address(1));
    CHECK(some.size() == 3);
    for (const Address proxy : some.all()) ++chosen[proxy];
    CHECK((some[0] != some[1] && some[1] != some[2] && some[0] != some[2]));
  }
  CHECK(chosen.count(address(1)) == 0);
  CHECK(chosen.size() == 9);
  CHECK(Surroundings(2).turns.some(all.environment, 3, address(1)).size() == 1);
}
