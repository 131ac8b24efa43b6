#include "protocols/ring/membership/finder.h"

#include "tests/catch.h"
#include "tests/ring/overlay_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

class Seeker : public OverlaySurroundings {
 public:
  Finder finder;

  std::optional<Finder::Ended> seek(std::uint64_t key, LookupReason reason) {
    return finder.start_lookup(overlay(), Key{key}, reason, 1);
  }
  // Everything that is overdue at the next deadline, as a node goes through it.
  std::vector<Finder::Ended> at_next_deadline() {
    const Time searches = cold ? cold->searches.earliest_deadline() : never;
    now = std::min(finder.earliest_deadline(options), searches);
    std::vector<Finder::Ended> all;
    for (std::size_t i = 0; const auto ended = finder.handle_overdue_hops(overlay(), i);) all.push_back(*ended);
    for (std::size_t i = 0; const auto ended = finder.handle_overdue_lookups(overlay(), i);) all.push_back(*ended);
    for (std::size_t i = 0; const auto ended = finder.handle_overdue_searches(overlay(), i);) all.push_back(*ended);
    return all;
  }
};

}  // namespace

TEST_CASE("a lookup of what a node owns itself ends at once, in either mode") {
  for (const LookupMode mode : {LookupMode::recursive, LookupMode::iterative}) {
    Seeker node;
    node.options.lookup_mode = mode;
    const auto ended = node.seek(70, LookupReason::hand_off);
    REQUIRE(ended);
    CHECK(ended->found.holders[0].key == Key{100});
    CHECK(ended->lookup.key == Key{70});
    CHECK(node.finder.lookups().size() == 0);
    CHECK_FALSE(node.cold);
  }
}

TEST_CASE("a lookup for values is told of when it is answered, and one for a finger changes the finger") {
  Seeker node;
  CHECK_FALSE(node.seek(900, LookupReason::hand_off));
  Found found{.id = node.finder.lookups().pending().front().id};
  found.holders.add(contact_at(950));
  const auto ended = node.finder.take(node.overlay(), found);
  REQUIRE(ended);
  CHECK(ended->found.holders[0] == contact_at(950));
  CHECK_FALSE(node.finder.take(node.overlay(), found));
  node.finder.fix_fingers(node.overlay(), false);
  found.id = node.finder.lookups().pending().front().id;
  CHECK_FALSE(node.finder.take(node.overlay(), found));
  REQUIRE(node.table.fingers().all().size() == 1);
  CHECK(node.table.fingers().all().front() == contact_at(950));
}

TEST_CASE("with nobody to answer a lookup fails once, after all of its attempts, in either mode") {
  for (const LookupMode mode : {LookupMode::recursive, LookupMode::iterative}) {
    Seeker node;
    node.options.lookup_mode = mode;
    CHECK_FALSE(node.seek(900, LookupReason::hand_off));
    std::vector<Finder::Ended> ended;
    for (int i = 0; i < 200 && ended.empty(); ++i) ended = node.at_next_deadline();
    REQUIRE(ended.size() == 1);
    CHECK(ended.front().found.holders.empty());
    CHECK(node.finder.lookups().size() == 0);
    if (node.cold) CHECK(node.cold->searches.size() == 0);
  }
}

TEST_CASE("a finger that lets a hop time out is dropped, but not after one silence where answers get lost") {
  for (const bool is_lossy : {false, true}) {
    Seeker node;
    if (is_lossy) node.rtt.note_answer_to_copy();
    node.table.assign_finger(node.options, 9, contact_at(700));
    node.seek(900, LookupReason::hand_off);
    CHECK(node.sent<Find>().front().to == contact_at(700).address);
    const auto until_next_hop = [&node] {
      node.forget_effects();
      for (int i = 0; i < 9; ++i) {
        node.at_next_deadline();
        if (!node.sent<Find>().empty() && node.sent<Find>().back().to == contact_at(400).address) return;
      }
    };
    until_next_hop();
    CHECK(node.table.fingers().all().size() == (is_lossy ? 1 : 0));
    if (!is_lossy) continue;
    node.seek(901, LookupReason::hand_off);
    until_next_hop();
    CHECK(node.table.fingers().all().empty());
  }
}

TEST_CASE("a guest asks its bootstrap nodes, one after the other while the lookup lasts") {
  Seeker node;
  node.table = RoutingTable(Key{});
  node.table.set_stage(Stage::guest);
  node.cold.get_or_create().bootstrap = Bootstrap(std::vector<Address>{contact_at(1).address, contact_at(2).address});
  CHECK_FALSE(node.seek(900, LookupReason::hand_off));
  node.at_next_deadline();
  node.at_next_deadline();
  node.at_next_deadline();
  const auto queries = node.sent<NextHopQuery>();
  REQUIRE(queries.size() >= 2);
  CHECK(queries[0].to == contact_at(1).address);
  CHECK(queries[1].to == contact_at(2).address);
  CHECK(node.sent<Find>().empty());
}
