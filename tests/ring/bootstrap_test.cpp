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

TEST_CASE("a guest begins with the node that answered last, and a silent one comes last") {
  Bootstrap bootstrap = both();
  const auto order = [&] { return std::vector<Address>(bootstrap.nodes().begin(), bootstrap.nodes().end()); };
  bootstrap.note_heard(two);
  CHECK(order() == std::vector<Address>{two, one});
  const Address three = contact_at(3).address;
  bootstrap.note_heard(three);
  CHECK(order() == std::vector<Address>{three, two, one});
  bootstrap.note_silent(three);
  CHECK(order() == std::vector<Address>{two, one, three});
  for (std::uint64_t key = 10; key < 10 + maximum_known_by_guest; ++key) bootstrap.note_heard(contact_at(key).address);
  CHECK(order().size() == maximum_known_by_guest);
  CHECK(order().back() == contact_at(10).address);
}

namespace {

// A node that finds out whether others can reach it.
struct Caller {
  PartSurroundings node;
  Bootstrap bootstrap = both();
  Address self = contact_at(node.self.value).address;

  Caller() {
    bootstrap.begin(node.now);
    ask();
  }
  void ask() {
    bootstrap.ask_for_call(node.context(), 1s);
    node.now += 1s;
  }
  std::vector<PartSurroundings::Letter<CallBackQuery>> asked() { return node.sent<CallBackQuery>(); }
  Bootstrap::Reach hear(Address from, Address seen, bool by_others = false) {
    bootstrap.take(node.context(), from, Called{asked().back().message.id, seen, by_others});
    return bootstrap.reach();
  }
};

using Reach = Bootstrap::Reach;

}  // namespace

TEST_CASE("a node that a stranger calls at its own address can be reached") {
  CHECK(Caller().hear(two, Caller().self) == Reach::open);
  CHECK(Caller().hear(contact_at(9).address, Caller().self) == Reach::open);
  Caller answered;
  CHECK(answered.hear(one, answered.self, true) == Reach::unknown);
  CHECK(answered.hear(one, answered.self, true) == Reach::unknown);
  CHECK(answered.hear(two, answered.self) == Reach::open);
  Caller alone;
  CHECK(alone.hear(one, alone.self, false) == Reach::open);
}

TEST_CASE("a node that is seen at another address than its own is behind a NAT") {
  Caller caller;
  CHECK(caller.hear(one, contact_at(77).address, true) == Reach::closed);
}

TEST_CASE("a node whose calls do not come, though they are answered, cannot be reached") {
  Caller caller;
  CHECK(caller.hear(one, caller.self, true) == Reach::unknown);
  for (unsigned i = 1; i < caller.node.options.rpc_attempts; ++i) {
    CHECK(caller.bootstrap.reach() == Reach::unknown);
    caller.ask();
    CHECK(caller.asked().back().to == one);
  }
  CHECK(caller.asked().size() == caller.node.options.rpc_attempts);
  CHECK(caller.asked()[0].message.id != caller.asked()[1].message.id);
  caller.ask();
  CHECK(caller.asked().size() == caller.node.options.rpc_attempts);
  CHECK(caller.bootstrap.reach() == Reach::closed);
}

TEST_CASE("silent nodes say nothing about the reach of one that asks them, however long") {
  Caller caller;
  for (int i = 0; i < 40; ++i) caller.ask();
  CHECK(caller.bootstrap.reach() == Reach::unknown);
  CHECK(caller.asked()[1].to == two);
  // By now both have heard of it, so that either may get through.
  CHECK(caller.hear(two, caller.self, true) == Reach::unknown);
  caller.bootstrap.take(caller.node.context(), contact_at(9).address, Called{1, caller.self});
  CHECK(caller.bootstrap.reach() == Reach::unknown);
}
