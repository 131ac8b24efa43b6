#include "protocols/ring/storage/knowledge.h"

#include "protocols/ring/storage/incarnations.h"
#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

class Owner : public PartSurroundings {
 public:
  std::optional<KeyRange> have_predecessor(std::uint64_t key) {
    predecessor = contact_at(key);
    return knowledge.note_owned_range(storage_context());
  }
  bool knows(std::uint64_t begin, std::uint64_t end) {
    return knowledge.knows_past_of(storage_context(), {Key{begin}, Key{end}});
  }

  Knowledge knowledge;
};

}  // namespace

TEST_CASE("a node that began alone knows the past of all keys, and of its own when it has a predecessor") {
  Owner owner;
  CHECK(owner.knows(400, 10));
  const auto lost = owner.have_predecessor(50);
  REQUIRE(lost);
  CHECK(*lost == KeyRange{Key{100}, Key{50}});
  CHECK(owner.knowledge.informed());
  CHECK(owner.knows(50, 100));
}

TEST_CASE("who owns more keys than before is not informed") {
  Owner owner;
  owner.have_predecessor(50);
  owner.now += 3 * owner.options.repair_period;  // what it knew of the others' keys is out of date
  CHECK_FALSE(owner.have_predecessor(40));
  CHECK_FALSE(owner.knowledge.informed());
  CHECK_FALSE(owner.knows(60, 100));
}

TEST_CASE("who owns fewer keys knows of the others for two periods of repair") {
  Owner owner;
  owner.have_predecessor(50);
  owner.now += 3 * owner.options.repair_period;
  const auto lost = owner.have_predecessor(80);
  REQUIRE(lost);
  CHECK(*lost == KeyRange{Key{50}, Key{80}});
  CHECK(owner.knows(50, 100));
  owner.now += 2 * owner.options.repair_period;
  CHECK_FALSE(owner.knows(50, 100));
  CHECK(owner.knows(80, 100));
}

TEST_CASE("knowledge reaches as far back as an informed owner before this node showed it, and survives its death") {
  Owner owner;
  owner.have_predecessor(50);
  owner.now += 3 * owner.options.repair_period;
  CHECK_FALSE(owner.knows(40, 50));
  owner.knowledge.extend(owner.storage_context(), {Key{40}, Key{50}});
  CHECK(owner.knows(40, 50));
  CHECK_FALSE(owner.knows(30, 50));
  owner.have_predecessor(40);
  CHECK(owner.knowledge.informed());
}

TEST_CASE("a range that does not touch what is known does not extend it") {
  Owner owner;
  owner.have_predecessor(50);
  owner.now += 3 * owner.options.repair_period;
  owner.knowledge.extend(owner.storage_context(), {Key{30}, Key{40}});
  CHECK_FALSE(owner.knows(30, 40));
}

TEST_CASE("a newcomer is informed once its holders are alike and knew all, or have had the time to tell") {
  Owner owner;
  owner.knowledge.forget(owner.now);
  CHECK_FALSE(owner.knowledge.informed());
  owner.knowledge.note_alike(owner.storage_context(), false);
  CHECK_FALSE(owner.knowledge.informed());
  Knowledge told = owner.knowledge;
  told.note_alike(owner.storage_context(), true);
  CHECK(told.informed());
  owner.now += 2 * owner.options.repair_period + 1ns;
  owner.knowledge.note_alike(owner.storage_context(), false);
  CHECK(owner.knowledge.informed());
}

TEST_CASE("a newcomer that does not know what it owns is not informed") {
  Owner owner;
  owner.knowledge.forget(owner.now);
  owner.predecessor = {};
  owner.knowledge.note_alike(owner.storage_context(), true);
  CHECK_FALSE(owner.knowledge.informed());
}

TEST_CASE("news of a peer's incarnation is what it says itself, and a later one that others tell of") {
  Incarnations incarnations;
  const Contact peer = contact_at(200);
  const std::vector<Contact> successors = {peer};
  CHECK(incarnations.of(peer) == 0);
  CHECK_FALSE(incarnations.is_news(peer, 0, true));
  CHECK(incarnations.is_news(peer, 5, false));
  incarnations.note(peer, 5, {}, successors);
  CHECK(incarnations.of(peer) == 5);
  CHECK_FALSE(incarnations.is_news(peer, 4, false));
  CHECK(incarnations.is_news(peer, 4, true));
  CHECK(incarnations.is_news(peer, 6, false));
  CHECK_FALSE(incarnations.is_news(peer, 0, false));
  CHECK(incarnations.is_news(peer, 0, true));
}

TEST_CASE("a later incarnation is later although the count of milliseconds has wrapped") {
  Incarnations incarnations;
  const Contact peer = contact_at(200);
  incarnations.note(peer, UINT32_MAX - 5, {}, std::vector<Contact>{peer});
  CHECK(incarnations.is_news(peer, 3, false));
  CHECK(incarnation_begun_at(std::uint64_t{UINT32_MAX} << 20) == 1);
}

TEST_CASE("a former process is one of an earlier incarnation than the one that is known") {
  Incarnations incarnations;
  const Contact peer = contact_at(200);
  CHECK_FALSE(incarnations.is_former(peer, 0));
  CHECK_FALSE(incarnations.is_former(peer, 5));
  incarnations.note(peer, 5, peer, {});
  CHECK(incarnations.is_former(peer, 0));
  CHECK(incarnations.is_former(peer, 4));
  CHECK_FALSE(incarnations.is_former(peer, 5));
  CHECK_FALSE(incarnations.is_former(peer, 6));
}

TEST_CASE("incarnations of peers that are no neighbours any more are forgotten for new ones") {
  Incarnations incarnations;
  incarnations.note(contact_at(200), 5, {}, std::vector<Contact>{contact_at(200)});
  incarnations.note(contact_at(50), 4, contact_at(50), std::vector<Contact>{contact_at(200)});
  const std::vector<Contact> successors = {contact_at(300)};
  incarnations.note(contact_at(300), 6, contact_at(50), successors);
  CHECK(incarnations.of(contact_at(200)) == 0);
  CHECK(incarnations.of(contact_at(50)) == 4);
  CHECK(incarnations.of(contact_at(300)) == 6);
}
