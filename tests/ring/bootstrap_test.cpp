#include "protocols/ring/membership/bootstrap.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr Address one = contact_at(1).address;
constexpr Address two = contact_at(2).address;

Bootstrap both() { return Bootstrap(std::vector<Address>{one, two}); }

}  // namespace

TEST_CASE("a joiner asks its bootstrap nodes in turn, ever more slowly, and each answer counts") {
  PartSurroundings node;
  Bootstrap bootstrap = both();
  bootstrap.begin(node.now);
  std::vector<Duration> waits;
  for (int i = 0; i < 9; ++i) {
    bootstrap.ask(node.context(), 1s);
    waits.push_back(bootstrap.deadline() - node.now);
    node.now = bootstrap.deadline();
  }
  const auto finds = node.sent<Find>();
  REQUIRE(finds.size() == 9);
  for (std::size_t i = 0; i < finds.size(); ++i) {
    CHECK(finds[i].to == (i % 2 == 0 ? one : two));
    CHECK(finds[i].message.purpose == Find::Purpose::join);
    CHECK(finds[i].message.key == node.self);
    CHECK(bootstrap.is_answer(finds[i].message.id));
  }
  CHECK(waits == std::vector<Duration>{1s, 1s, 1s, 1s, 2s, 2s, 2s, 2s, 4s});
  bootstrap.end();
  CHECK(bootstrap.deadline() == never);
}

TEST_CASE("a node that was cut off has asked all when each was asked twice") {
  PartSurroundings node;
  Bootstrap bootstrap = both();
  bootstrap.begin(node.now);
  for (int i = 0; i < 4; ++i) {
    CHECK_FALSE(bootstrap.is_exhausted());
    bootstrap.ask(node.context(), 1s);
  }
  CHECK(bootstrap.is_exhausted());
  bootstrap.begin(node.now);
  CHECK_FALSE(bootstrap.is_exhausted());
  CHECK(Bootstrap().is_exhausted());
}

TEST_CASE("a member that was heard of is asked first, and the last of too many is forgotten") {
  std::vector<Address> many;
  for (std::uint64_t key = 1; key <= maximum_bootstrap + 2; ++key) many.push_back(contact_at(key).address);
  Bootstrap bootstrap(many);
  CHECK(bootstrap.nodes().size() == maximum_bootstrap);
  bootstrap.put_first(contact_at(99).address);
  CHECK(bootstrap.nodes().size() == maximum_bootstrap);
  CHECK(bootstrap.nodes().front() == contact_at(99).address);
  CHECK(bootstrap.nodes().back() == many[maximum_bootstrap - 2]);
}

TEST_CASE("a guest passes over a silent node once, however many finds it leaves unanswered") {
  Bootstrap bootstrap = both();
  CHECK(bootstrap.current().address == one);
  CHECK(bootstrap.next_after(one).address == two);
  CHECK(bootstrap.next_after(one).address == two);
  CHECK(bootstrap.next_after(two).address == one);
}
