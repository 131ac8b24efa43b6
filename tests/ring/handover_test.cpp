#include "protocols/ring/storage/handover.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;

namespace {

class Giver : public PartSurroundings {
 public:
  void keep(std::uint64_t key) { store.keep(storage_context(), Key{key}, {{5, 9}}, {}); }

  Store store;
  Handover handover;
};

}  // namespace

TEST_CASE("a new predecessor is first offered the range that it has taken over") {
  Giver giver;
  giver.keep(45);
  giver.handover.note_lost_range({Key{40}, Key{50}});
  const auto step = giver.handover.begin(giver.storage_context(), giver.store);
  CHECK(step.owner == giver.predecessor);
  CHECK(step.range == KeyRange{Key{40}, Key{50}});
  CHECK_FALSE(step.orphan);
  // Once: the next round goes round the ring.
  CHECK(giver.handover.begin(giver.storage_context(), giver.store).orphan == Key{45});
}

TEST_CASE("the owner of the first orphan clockwise is looked up, and offered what lies from there to it") {
  Giver giver;
  giver.keep(45);
  giver.keep(160);
  const auto step = giver.handover.begin(giver.storage_context(), giver.store);
  CHECK_FALSE(step.owner);
  CHECK(step.orphan == Key{160});
  CHECK(giver.handover.is_seeking());
  const auto found = giver.handover.end_search(giver.storage_context(), Key{160}, contact_at(200), false);
  CHECK_FALSE(giver.handover.is_seeking());
  CHECK(found.owner == contact_at(200));
  CHECK(found.range == KeyRange{Key{159}, Key{200}});
}

TEST_CASE("whoever follows an owner is offered its range without a lookup, when it owns the next orphan") {
  Giver giver;
  giver.keep(160);
  giver.keep(250);
  giver.keep(450);
  giver.handover.begin(giver.storage_context(), giver.store);
  giver.handover.end_search(giver.storage_context(), Key{160}, contact_at(200), false);
  const auto step = giver.handover.proceed(giver.storage_context(), giver.store, contact_at(200), contact_at(300));
  CHECK(step.owner == contact_at(300));
  CHECK(step.range == KeyRange{Key{200}, Key{300}});
  // The next one is known to own no orphan: the owner of the one that is left is looked up.
  const auto last = giver.handover.proceed(giver.storage_context(), giver.store, contact_at(300), contact_at(400));
  CHECK_FALSE(last.owner);
  CHECK(last.orphan == Key{450});
}

TEST_CASE("a round ends with the last orphan, and at the predecessor") {
  Giver giver;
  giver.keep(160);
  giver.handover.begin(giver.storage_context(), giver.store);
  giver.handover.end_search(giver.storage_context(), Key{160}, contact_at(200), false);
  const auto after = giver.handover.proceed(giver.storage_context(), giver.store, contact_at(200), {});
  CHECK_FALSE(after.owner);
  CHECK_FALSE(after.orphan);
  giver.keep(45);
  const auto step = giver.handover.proceed(giver.storage_context(), giver.store, giver.predecessor, {});
  CHECK_FALSE(step.owner);
  CHECK_FALSE(step.orphan);
}

TEST_CASE("a search that finds nobody, this node itself, or comes late leads nowhere") {
  Giver giver;
  giver.keep(160);
  for (const auto& [owner, is_handing_off] :
       {std::pair(Contact{}, false), std::pair(contact_at(100), false), std::pair(contact_at(200), true)}) {
    giver.handover.begin(giver.storage_context(), giver.store);
    const auto step = giver.handover.end_search(giver.storage_context(), Key{160}, owner, is_handing_off);
    CHECK_FALSE(step.owner);
    CHECK_FALSE(step.orphan);
    CHECK_FALSE(giver.handover.is_seeking());
  }
}
