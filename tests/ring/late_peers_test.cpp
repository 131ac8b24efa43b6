#include "protocols/ring/routing/late_peers.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr Address peer = contact_at(200).address;

}  // namespace

TEST_CASE("a peer is late until it is heard, or has had its time") {
  PartSurroundings node;
  LatePeers late;
  late.note(node.context(), peer, false);
  CHECK(late.is_late(peer, false));
  CHECK_FALSE(late.is_late(peer, true));
  late.note_heard(peer);
  CHECK_FALSE(late.is_late(peer, false));
  late.note(node.context(), peer, false);
  late.pardon(node.now + 2 * node.options.stabilize_period - 1ns);
  CHECK(late.is_late(peer, false));
  late.pardon(node.now + 2 * node.options.stabilize_period);
  CHECK_FALSE(late.is_late(peer, false));
}

TEST_CASE("a peer that a lookup gave up stays silent when it is late again") {
  PartSurroundings node;
  LatePeers late;
  late.note(node.context(), peer, true);
  late.note(node.context(), peer, false);
  CHECK(late.is_late(peer, true));
}

TEST_CASE("of too many late peers the one noted longest ago gives way") {
  PartSurroundings node;
  LatePeers late;
  for (std::uint64_t key = 1; key <= LatePeers::maximum_late_peers + 1; ++key)
    late.note(node.context(), contact_at(key).address, false);
  CHECK_FALSE(late.is_late(contact_at(1).address, false));
  CHECK(late.is_late(contact_at(2).address, false));
  CHECK(late.is_late(contact_at(LatePeers::maximum_late_peers + 1).address, false));
}
