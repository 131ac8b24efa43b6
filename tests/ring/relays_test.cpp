#include "protocols/ring/routing/relays.h"

#include "tests/catch.h"
#include "tests/ring/overlay_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr Address asker = contact_at(7777).address;

Find find_for(std::uint64_t key, Find::Purpose purpose = Find::Purpose::holders) {
  return {.id = 33, .token = 65, .key = Key{key}, .asker = asker, .purpose = purpose};
}

class Hop : public OverlaySurroundings {
 public:
  Relays relays;

  Relays::Arrival take(const Find& find) { return relays.take(routing(), contact_at(60).address, find); }
  // The relay whose hop has been silent for too long.
  std::optional<Relay> overdue() {
    now = never;
    for (const Relay& relay : relays.relays()) now = std::min(now, relay.deadline);
    for (std::size_t place = 0; place < relays.size();)
      if (auto relay = relays.take_overdue(context(), place)) return relay;
    return std::nullopt;
  }
};

}  // namespace

TEST_CASE("a find is confirmed and forwarded, and its copies are confirmed and not forwarded") {
  Hop node;
  node.take(find_for(900));
  node.take(find_for(900));
  CHECK(node.sent<HopTaken>().size() == 2);
  const auto finds = node.sent<Find>();
  REQUIRE(finds.size() == 1);
  CHECK(finds.front().to == contact_at(400).address);
  CHECK(finds.front().message.hops == 1);
  CHECK(node.relays.size() == 1);
  node.relays.take(node.context(), contact_at(300).address, HopTaken{finds.front().message.token});
  CHECK(node.relays.size() == 1);
  node.relays.take(node.context(), contact_at(400).address, HopTaken{finds.front().message.token});
  CHECK(node.relays.size() == 0);
}

TEST_CASE("the owner answers the asker, and a node its own lookup") {
  Hop node;
  CHECK_FALSE(node.take(find_for(70)).answer);
  const auto answers = node.sent<Found>();
  REQUIRE(answers.size() == 1);
  CHECK(answers.front().to == asker);
  CHECK(answers.front().message.holders.size() == node.options.replicas);
  Find own = find_for(70);
  own.asker = contact_at(100).address;
  const auto arrival = node.relays.begin(node.routing(), own);
  REQUIRE(arrival.answer);
  CHECK(arrival.answer->holders[0].key == Key{100});
  CHECK(node.sent<Found>().size() == 1);
}

TEST_CASE("a hop is asked again and then gone around, as far as the retry budget reaches") {
  Hop node;
  node.take(find_for(900));
  auto relay = node.overdue();
  REQUIRE(relay);
  CHECK(node.relays.ask_again(node.routing(), *relay));
  relay = node.overdue();
  REQUIRE(relay);
  CHECK_FALSE(node.relays.ask_again(node.routing(), *relay));
  node.relays.go_around(node.routing(), *relay);
  auto finds = node.sent<Find>();
  REQUIRE(finds.size() == 3);
  CHECK(finds[2].to == contact_at(300).address);
  CHECK(finds[2].message.timeouts == 1);
  while (node.retry_budget.spend()) continue;
  relay = node.overdue();
  REQUIRE(relay);
  node.relays.go_around(node.routing(), *relay);
  CHECK(node.sent<Find>().size() == 3);
  CHECK(node.relays.size() == 0);
}

TEST_CASE("a late hop is asked no more than once beside the next one, which goes on in its place") {
  Hop node;
  node.options.hedge_after = 5ms;
  node.take(find_for(900));
  CHECK_FALSE(node.relays.is_late(0, node.now + 4ms));
  node.now += 5ms;
  REQUIRE(node.relays.is_late(0, node.now));
  node.relays.hedge(node.routing(), 0);
  CHECK_FALSE(node.relays.is_late(0, node.now));
  CHECK(node.sent<Find>().back().to == contact_at(300).address);
  const auto overdue = node.overdue();
  REQUIRE(overdue);
  CHECK(overdue->hedged);
  node.forget_effects();
  node.relays.go_around(node.routing(), *overdue);
  CHECK(node.sent<Find>().empty());
}

TEST_CASE("what a predecessor that fell silent owned is answered for by the node after it") {
  Hop node;
  Find find = find_for(40);
  find.at_owner = true;
  node.take(find);
  REQUIRE(node.sent<Find>().size() == 1);
  CHECK(node.sent<Find>().front().to == node.predecessor.address);
  const auto relay = node.overdue();
  REQUIRE(relay);
  node.relays.go_around(node.routing(), *relay);
  REQUIRE(node.sent<Found>().size() == 1);
  CHECK(node.sent<Found>().front().message.holders[0].key == Key{100});
}

TEST_CASE("a joiner is welcomed by the member that is to precede it, and a stranger is named to the node") {
  Hop node;
  node.take(find_for(150, Find::Purpose::join));
  const auto welcomes = node.sent<Welcome>();
  REQUIRE(welcomes.size() == 1);
  CHECK(welcomes.front().to == asker);
  CHECK(welcomes.front().message.successors.size() == 3);
  Find stranger = find_for(160, Find::Purpose::introduction);
  stranger.id = 34;
  CHECK(node.take(stranger).stranger == Contact{Key{160}, asker});
}

TEST_CASE("a node with too many finds in its care takes no more, and keeps no eye on its own") {
  Hop node;
  for (std::uint32_t id = 1; id <= Relays::maximum_relays; ++id) {
    Find find = find_for(900);
    find.id = id;
    node.take(find);
  }
  CHECK(node.relays.size() == Relays::maximum_relays);
  node.forget_effects();
  Find find = find_for(900);
  find.id = 9999;
  node.take(find);
  CHECK(node.sent<HopTaken>().empty());
  CHECK(node.sent<Find>().empty());
  node.relays.begin(node.routing(), find);
  REQUIRE(node.sent<Find>().size() == 1);
  CHECK(node.sent<Find>().front().message.token == 0);
  CHECK(node.relays.size() == Relays::maximum_relays);
}
