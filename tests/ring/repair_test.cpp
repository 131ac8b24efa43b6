#include "protocols/ring/storage/repair.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

TEST_CASE("a hastened run is due within the shortest wait, and is not hastened twice") {
  PartSurroundings around;
  Repair repair;
  repair.hasten(around.storage_context());
  CHECK(around.count_of(EffectKind::set_timer) == 1);
  repair.hasten(around.storage_context());
  CHECK(around.count_of(EffectKind::set_timer) == 1);
  CHECK(repair.is_hastened(around.now));
  around.now += around.options.rpc_timeout;
  CHECK_FALSE(repair.is_hastened(around.now));
  repair.hasten(around.storage_context());
  CHECK(around.count_of(EffectKind::set_timer) == 2);
}

TEST_CASE("who is no member, or does not repair, hastens nothing") {
  PartSurroundings around;
  Repair repair;
  around.is_member = false;
  repair.hasten(around.storage_context());
  around.is_member = true;
  around.options.repair_period = Duration{0};
  repair.hasten(around.storage_context());
  CHECK(around.count_of(EffectKind::set_timer) == 0);
}

TEST_CASE("all holders have their turn once in a period, and at once when they change") {
  PartSurroundings around;
  Repair repair;
  repair.begin_run(around.storage_context());
  repair.note_alike(0);
  repair.note_alike(1);
  repair.note_informed(1);
  around.now += around.options.repair_period / 4;
  repair.begin_run(around.storage_context());
  CHECK(repair.are_alike(0b11));
  CHECK(repair.are_informed(0b10));
  around.now += around.options.repair_period / 4;
  repair.begin_run(around.storage_context());
  CHECK_FALSE(repair.is_alike(0));
  CHECK_FALSE(repair.are_informed(0b10));
  repair.note_alike(0);
  CHECK(repair.is_alike(0));
  CHECK_FALSE(repair.are_alike(0b11));
  repair.begin_placement();
  CHECK_FALSE(repair.is_alike(0));
  CHECK(repair.are_alike(0));  // without holders
}

TEST_CASE("runs follow one another quickly until all is done, at most eight of them") {
  PartSurroundings around;
  Repair repair;
  for (int i = 0; i < 20; ++i) repair.end_run(around.storage_context(), false);
  CHECK(around.count_of(EffectKind::set_timer) == 8);
  repair.end_run(around.storage_context(), true);
  CHECK(around.count_of(EffectKind::set_timer) == 8);
  repair.end_run(around.storage_context(), false);
  CHECK(around.count_of(EffectKind::set_timer) == 9);
}

TEST_CASE("a node that leaves waits for its values as often as for a peer, each time longer") {
  PartSurroundings around;
  Repair repair;
  CHECK(repair.leave_deadline() == never);
  repair.begin_leaving(around.storage_context());
  const Duration first = repair.leave_deadline() - around.now;
  Duration longest = first;
  unsigned waits = 0;
  while (repair.may_wait_again(around.storage_context())) {
    ++waits;
    around.now = repair.leave_deadline();
    repair.wait_again(around.storage_context());
    longest = std::max(longest, Duration(repair.leave_deadline() - around.now));
  }
  CHECK(waits == around.options.rpc_attempts);
  CHECK(longest == 4 * first);
}
