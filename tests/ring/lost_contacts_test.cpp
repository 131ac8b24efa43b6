#include "protocols/ring/membership/lost_contacts.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr Address peer = contact_at(1).address;

}  // namespace

TEST_CASE("a lost contact is tried for ever, after twice the time of the try before, and at least every two minutes") {
  PartSurroundings node;
  LostContacts lost;
  lost.note(node.now, peer);
  std::vector<Duration> gaps;
  Time last = node.now;
  for (int second = 0; second < 1000; ++second, node.now += 1s) {
    lost.try_one(node.context());
    if (node.sent<Ping>().empty()) continue;
    node.forget_effects();
    gaps.push_back(node.now - last);
    last = node.now;
  }
  const std::vector<Duration> first(gaps.begin(), gaps.begin() + 7);
  CHECK(first == std::vector<Duration>{0s, 5s, 10s, 20s, 40s, 80s, 120s});
  CHECK(gaps.back() == 120s);
}

TEST_CASE("one that has answered four times is lost no more") {
  LostContacts lost;
  lost.note(Time(1s), peer);
  lost.note(Time(2s), peer);
  CHECK_FALSE(lost.take_answer(contact_at(2).address));
  for (int i = 0; i < 4; ++i) CHECK(lost.take_answer(peer));
  CHECK_FALSE(lost.take_answer(peer));
  CHECK(lost.empty());
}

TEST_CASE("of too many lost contacts the one that was tried most often gives way") {
  PartSurroundings node;
  LostContacts lost;
  lost.note(node.now, peer);
  lost.try_one(node.context());
  CHECK(node.sent<Ping>().front().to == peer);
  for (std::uint64_t key = 2; key <= LostContacts::maximum_lost_contacts + 1; ++key)
    lost.note(node.now, contact_at(key).address);
  CHECK_FALSE(lost.take_answer(peer));
  CHECK(lost.take_answer(contact_at(2).address));
}
