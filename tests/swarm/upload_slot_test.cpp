#include "protocols/swarm/link/upload_slot.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr Time start = time_zero + 10s;

}  // namespace

TEST_CASE("requests are void without a slot, and until every choke has been seen") {
  UploadSlot slot;
  CHECK(slot.is_void());
  slot.give(start);
  CHECK_FALSE(slot.is_void());
  slot.take(start + 1s);
  slot.give(start + 2s);
  CHECK(slot.is_void());
  slot.take(start + 3s);
  slot.give(start + 4s);
  slot.note_seen(start + 5s);
  CHECK(slot.is_void());
  slot.note_seen(start + 6s);
  CHECK_FALSE(slot.is_void());
  slot.note_seen(start + 7s);  // of no choke
  CHECK_FALSE(slot.is_void());
}

TEST_CASE("how long the other side takes to answer is measured by the last choke alone") {
  UploadSlot slot;
  slot.give(start);
  slot.take(start);
  slot.give(start + 1s);
  slot.take(start + 2s);
  slot.note_seen(start + 3s);
  CHECK(slot.answer_time() == 0s);
  slot.note_seen(start + 4s);
  CHECK(slot.answer_time() == 2s);
}

TEST_CASE("a slot is idle since it was given, or since the last request") {
  UploadSlot slot;
  slot.open(start);
  CHECK(slot.changed() == start);
  slot.give(start + 1s);
  CHECK(slot.last_asked() == start + 1s);
  slot.note_request(start + 2s);
  CHECK(slot.last_asked() == start + 2s);
  CHECK(slot.changed() == start + 1s);
}

TEST_CASE("what the other side gave is counted anew in each round") {
  UploadSlot slot;
  CHECK(slot.gave(100) == 100);
  slot.begin_round(100);
  CHECK(slot.gave(130) == 30);
}
