#include "protocols/ring/storage/store.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

ValueState stamped(std::uint64_t time, std::uint64_t until = ValueState::forever) { return {{time, 1}, until}; }

const std::vector<std::byte> some = bytes_of("some");
const std::vector<std::byte> other = bytes_of("other");

}  // namespace

TEST_CASE("a store keeps the newest state of a key") {
  PartSurroundings around;
  Store store;
  CHECK(store.keep(around.storage_context(), Key{60}, stamped(5), some) == Store::Kept::newer);
  CHECK(store.keep(around.storage_context(), Key{60}, stamped(4), other) == Store::Kept::no_newer);
  CHECK(store.keep(around.storage_context(), Key{60}, stamped(5), other) == Store::Kept::no_newer);
  REQUIRE(store.find(Key{60}) != nullptr);
  CHECK(store.find(Key{60})->bytes == some);
  CHECK(around.count_of(EffectKind::write_content) == 1);
  CHECK(store.keep(around.storage_context(), Key{60}, stamped(6), other) == Store::Kept::newer);
  CHECK(store.find(Key{60})->bytes == other);
  CHECK(store.stamp_of(Key{60}).time == 6);
  CHECK(store.stamp_of(Key{61}).time == 0);
}

TEST_CASE("a full store takes newer states of its keys and no other keys") {
  PartSurroundings around;
  around.options.maximum_values = 1;
  Store store;
  store.keep(around.storage_context(), Key{60}, stamped(5), some);
  CHECK(store.keep(around.storage_context(), Key{61}, stamped(5), some) == Store::Kept::full);
  CHECK(store.keep(around.storage_context(), Key{60}, stamped(6), some) == Store::Kept::newer);
  CHECK(store.size() == 1);
}

TEST_CASE("an expired value becomes a tombstone without bytes, and goes when it is spent") {
  PartSurroundings around;
  Store store;
  const std::uint64_t until = around.clock() + 1000;
  store.keep(around.storage_context(), Key{60}, stamped(5, until), some);
  around.now += 1us;
  store.bury(around.storage_context());
  REQUIRE(store.find(Key{60}) != nullptr);
  CHECK(store.find(Key{60})->bytes.empty());
  CHECK(around.count_of(TraceEvent::value_expired) == 1);
  around.now += around.options.tombstone_lifetime;
  store.bury(around.storage_context());
  CHECK(store.size() == 1);
  around.now += 1us;
  store.bury(around.storage_context());
  CHECK(store.empty());
  CHECK(around.count_of(EffectKind::erase_content) == 1);
  CHECK(store.keep(around.storage_context(), Key{60}, stamped(5, until), some) == Store::Kept::spent);
}

TEST_CASE("a discarded part is forgotten after four periods of repair") {
  PartSurroundings around;
  Store store;
  store.keep(around.storage_context(), Key{60}, stamped(around.clock(), ValueState::discarded), {});
  around.now += 4 * around.options.repair_period;
  store.bury(around.storage_context());
  CHECK(store.size() == 1);
  around.now += 1ns;
  store.bury(around.storage_context());
  CHECK(store.empty());
}

TEST_CASE("what a store writes to the disk another process reads, and a damaged record is erased") {
  PartSurroundings around;
  Store before;
  before.keep(around.storage_context(), Key{60}, stamped(5), some);
  std::vector<std::byte> record = around.latest(EffectKind::write_content);

  Store after;
  after.expect(2);
  after.take_content(around.storage_context(), {.key = {60}, .bytes = record, .found = true});
  CHECK_FALSE(after.has_read_disk());
  REQUIRE(after.find(Key{60}) != nullptr);
  CHECK(after.find(Key{60})->bytes == some);
  CHECK(after.find(Key{60})->confirmed == Time::min());

  record.back() ^= std::byte{1};
  after.take_content(around.storage_context(), {.key = {61}, .bytes = record, .found = true});
  CHECK(after.has_read_disk());
  CHECK(after.size() == 1);
  CHECK(around.count_of(EffectKind::erase_content) == 1);
}

TEST_CASE("a value is settled when all holders have said so since the neighbours changed") {
  PartSurroundings around;
  Store store;
  store.keep(around.storage_context(), Key{60}, stamped(5), some);
  const StorageContext context = around.storage_context();
  const auto is_settled = [&] { return store.is_settled(*store.find(Key{60}), context); };
  store.note_holder(Key{60}, 0);
  CHECK_FALSE(is_settled());
  store.note_holder(Key{60}, 1);
  CHECK(is_settled());
  store.begin_placement();
  CHECK_FALSE(is_settled());
  store.note_holder(Key{60}, 1);
  CHECK_FALSE(is_settled());
  store.note_holder(Key{60}, 0);
  CHECK(is_settled());
  store.keep(around.storage_context(), Key{60}, stamped(6), other);
  CHECK_FALSE(is_settled());
  around.successors.clear();
  CHECK(store.is_settled(*store.find(Key{60}), around.storage_context()));
}

TEST_CASE("a value goes to those holders that are not known to have it") {
  PartSurroundings around;
  Store store;
  store.keep(around.storage_context(), Key{60}, stamped(5), some);
  store.note_holder(Key{60}, 0);
  store.replicate(around.storage_context(), Key{60});
  const auto copies = around.sent<Replicate>();
  REQUIRE(copies.size() == 1);
  CHECK(copies[0].to == contact_at(300).address);
  CHECK(copies[0].message.copy.is_intact(Key{60}));
}

TEST_CASE("what changed after a question was asked is not known to be alike") {
  PartSurroundings around;
  around.options.replicas = 2;
  Store store;
  store.keep(around.storage_context(), Key{60}, stamped(5), some);
  const std::uint32_t asked = store.changes();
  store.keep(around.storage_context(), Key{70}, stamped(5), some);
  store.note_alike({Key{50}, Key{100}}, 0, asked);
  const StorageContext context = around.storage_context();
  CHECK(store.is_settled(*store.find(Key{60}), context));
  CHECK_FALSE(store.is_settled(*store.find(Key{70}), context));
  CHECK_FALSE(store.is_all_settled(context));
}

TEST_CASE("a copy that no owner has confirmed for three periods is an orphan, but for the owner's own") {
  PartSurroundings around;
  Store store;
  store.keep(around.storage_context(), Key{60}, stamped(5), some);
  store.keep(around.storage_context(), Key{40}, stamped(5), some);
  const KeyRange all{around.self, around.self};
  CHECK(store.first_orphan(around.storage_context(), all) == Key{40});
  store.confirm(Key{40}, around.now);
  CHECK_FALSE(store.first_orphan(around.storage_context(), all));
  around.now += 3 * around.options.repair_period;
  CHECK_FALSE(store.first_orphan(around.storage_context(), all));
  around.now += 1ns;
  CHECK(store.first_orphan(around.storage_context(), all) == Key{40});
  store.confirm({Key{30}, Key{40}}, around.now);
  CHECK_FALSE(store.first_orphan(around.storage_context(), all));
  store.disown({Key{30}, Key{40}});
  CHECK(store.first_orphan(around.storage_context(), all) == Key{40});
}

TEST_CASE("digests of a range are equal when its keys and stamps are, whatever the order they came in") {
  PartSurroundings around;
  Store one;
  Store two;
  one.keep(around.storage_context(), Key{60}, stamped(5), some);
  one.keep(around.storage_context(), Key{70}, stamped(6), some);
  two.keep(around.storage_context(), Key{70}, stamped(6), some);
  const KeyRange range{Key{50}, Key{100}};
  CHECK(one.digest_of(range) != two.digest_of(range));
  two.keep(around.storage_context(), Key{60}, stamped(5), some);
  CHECK(one.digest_of(range) == two.digest_of(range));
  CHECK(one.digest_of(range).count == 2);
  CHECK(one.digest_of({Key{60}, Key{100}}).count == 1);
  two.keep(around.storage_context(), Key{60}, stamped(7), some);
  CHECK(one.digest_of(range) != two.digest_of(range));
}

TEST_CASE("the parts of a record that its owner replaced may go when the new state is with all holders") {
  PartSurroundings around;
  Store store;
  const PartSet first = PartSet::of(1, std::vector<std::byte>(2000));
  const PartSet second = PartSet::of(2, std::vector<std::byte>(2000));
  for (const Key key : {Key{60}, Key{40}}) {
    store.keep(around.storage_context(), key, stamped(5), first.record());
    store.keep(around.storage_context(), key, stamped(6), first.record());  // the same parts
    store.keep(around.storage_context(), key, stamped(7), second.record());
  }
  const StorageContext context = around.storage_context();
  store.forget_superseded_of_others(context);
  CHECK_FALSE(store.take_superseded(context));
  store.note_holder(Key{60}, 0);
  store.note_holder(Key{60}, 1);
  const auto superseded = store.take_superseded(context);
  REQUIRE(superseded);
  CHECK(superseded->key == Key{60});
  CHECK(superseded->parts == first);
  CHECK_FALSE(store.take_superseded(context));
}
