// The steps of the corrected Chord (Zave 2017), one by one, of a member that nobody but the test talks to.

#include "protocols/ring/membership/membership.h"

#include "tests/catch.h"
#include "tests/ring/overlay_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

class Steps : public OverlaySurroundings {
 public:
  Membership membership;

  void answer(Contact from, Contact before, std::initializer_list<std::uint64_t> list) {
    Neighbours answer{.id = membership.stabilization().question(), .self = from.key, .predecessor = before};
    for (const std::uint64_t key : list) answer.successors.add(contact_at(key));
    membership.take(overlay(), from.address, answer);
  }
  void notify(Contact from) { membership.take(overlay(), from.address, Notify{from.key}); }
  std::vector<std::uint64_t> list() const {
    std::vector<std::uint64_t> keys;
    for (const Contact successor : table.successors()) keys.push_back(successor.key.value);
    return keys;
  }
};

using Keys = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("join: the list of the member before becomes the joiner's own, and the member its predecessor") {
  Steps node;
  node.table = RoutingTable(Key{100});
  node.cold.get_or_create().bootstrap = Bootstrap(std::vector<Address>{contact_at(1).address});
  node.cold->bootstrap.begin(node.now);
  node.membership.seek_place(node.overlay(), 1s);
  Welcome welcome{.id = node.sent<Find>().front().message.id, .member = contact_at(50)};
  for (const std::uint64_t key : {100u, 200u, 300u}) welcome.successors.add(contact_at(key));
  Welcome other = welcome;
  other.id = node.ids.next();
  CHECK_FALSE(node.membership.take(node.overlay(), other));
  CHECK(node.membership.take(node.overlay(), welcome));
  CHECK(node.table.is_member());
  CHECK(node.table.predecessor() == contact_at(50));
  CHECK(node.list() == Keys{200, 300});
  CHECK(node.count_of(TraceEvent::joined) == 1);
  CHECK(node.sent<Notify>().empty());
  CHECK(node.sent<NeighboursQuery>().front().to == contact_at(200).address);
  CHECK_FALSE(node.membership.take(node.overlay(), welcome));
}

TEST_CASE("join: a list without others, and that of a node that was cut off, ends with the member itself") {
  for (const bool was_member : {false, true}) {
    Steps node;
    node.table = RoutingTable(Key{100});
    if (was_member) node.table.set_stage(Stage::cut_off);
    node.cold.get_or_create().bootstrap = Bootstrap(std::vector<Address>{contact_at(1).address});
    node.cold->bootstrap.begin(node.now);
    node.membership.seek_place(node.overlay(), 1s);
    Welcome welcome{.id = node.sent<Find>().front().message.id, .member = contact_at(50)};
    if (was_member) welcome.successors.add(contact_at(200));
    CHECK(node.membership.take(node.overlay(), welcome));
    CHECK(node.list() == (was_member ? Keys{200, 50} : Keys{50}));
    CHECK(node.count_of(TraceEvent::joined) == (was_member ? 0 : 1));
  }
}

TEST_CASE("stabilize: a list follows that of the first successor, and a live candidate before it is adopted") {
  Steps node;
  node.membership.stabilize(node.overlay());
  node.answer(contact_at(200), contact_at(150), {250, 300});
  CHECK(node.list() == Keys{200, 250, 300});
  CHECK(node.sent<Notify>().empty());
  CHECK(node.sent<NeighboursQuery>().back().to == contact_at(150).address);
  node.answer(contact_at(150), node.predecessor, {200, 250});
  CHECK(node.list() == Keys{150, 200, 250});
  REQUIRE(node.sent<Notify>().size() == 1);
  CHECK(node.sent<Notify>().front().to == contact_at(150).address);
  CHECK(node.count_of(TraceEvent::successor_changed) == 1);
}

TEST_CASE("stabilize: a dead first successor is dropped, and the next one asked at once") {
  Steps node;
  node.membership.stabilize(node.overlay());
  for (int i = 0; i < 50 && node.list().size() == 3; ++i) {
    node.now = node.membership.stabilization().deadline();
    CHECK_FALSE(node.membership.handle_stabilization_silence(node.overlay()));
  }
  CHECK(node.list() == Keys{300, 400});
  CHECK(node.count_of(TraceEvent::peer_suspected) == 1);
  CHECK(node.sent<NeighboursQuery>().back().to == contact_at(300).address);
}

TEST_CASE("a node that has lost all successors goes on with its predecessor, and without one seeks its place") {
  for (const bool has_predecessor : {true, false}) {
    Steps node;
    if (!has_predecessor) node.table.forget_predecessor();
    node.membership.stabilize(node.overlay());
    bool seeks = false;
    for (int i = 0; i < 200 && node.count_of(TraceEvent::cut_off) == 0; ++i) {
      node.now = node.membership.stabilization().deadline();
      seeks = node.membership.handle_stabilization_silence(node.overlay());
    }
    CHECK(seeks == !has_predecessor);
    CHECK(node.table.is_member() == has_predecessor);
    CHECK(node.list() == (has_predecessor ? Keys{50} : Keys{}));
  }
}

TEST_CASE("a first successor that is dead is not taken for a live predecessor") {
  Steps node;
  node.table.set_predecessor(contact_at(200), node.now);
  node.table.adopt(node.options, contact_at(200), {});
  node.membership.stabilize(node.overlay());
  bool seeks = false;
  for (int i = 0; i < 50 && node.count_of(TraceEvent::peer_suspected) == 0; ++i) {
    node.now = node.membership.stabilization().deadline();
    seeks = node.membership.handle_stabilization_silence(node.overlay());
  }
  CHECK(seeks);
  CHECK(node.list().empty());
  CHECK_FALSE(node.table.predecessor());
}

TEST_CASE("rectify: a closer notifier is the new predecessor, and any other one when the old one is dead") {
  Steps node;
  node.notify(contact_at(70));
  CHECK(node.table.predecessor() == contact_at(70));
  node.notify(contact_at(60));
  CHECK(node.table.predecessor() == contact_at(70));
  REQUIRE(node.sent<Ping>().size() == 1);
  CHECK(node.sent<Ping>().front().to == contact_at(70).address);
  for (int i = 0; i < 50 && node.table.predecessor() == contact_at(70); ++i) {
    node.now = node.cold->predecessor_check.deadline();
    node.membership.handle_predecessor_silence(node.overlay());
  }
  CHECK(node.table.predecessor() == contact_at(60));
}

TEST_CASE("a predecessor that answers stays, and one that leaves is followed by who has notified meanwhile") {
  Steps node;
  node.notify(contact_at(40));
  const std::uint32_t id = node.sent<Ping>().front().message.id;
  CHECK_FALSE(node.membership.take(node.overlay(), node.predecessor.address, Pong{id, node.predecessor.key}));
  CHECK(node.cold->predecessor_check.deadline() == never);
  node.notify(contact_at(30));
  node.membership.take(node.overlay(), node.predecessor.address, Leaving{node.predecessor.key});
  CHECK(node.table.predecessor() == contact_at(30));
}

TEST_CASE("who has come back stays, although its former process says only now that it leaves") {
  const Contact before = contact_at(50);
  const Contact after = contact_at(200);
  for (const std::uint32_t former : {0u, 3u}) {
    Steps node;
    node.membership.take(node.overlay(), before.address, Notify{before.key, 5});
    node.membership.stabilize(node.overlay());
    Neighbours answer{.id = node.membership.stabilization().question(), .self = after.key, .predecessor = {}};
    answer.incarnation = 5;
    node.membership.take(node.overlay(), after.address, answer);
    for (const Contact peer : {before, after})
      node.membership.take(node.overlay(), peer.address, Leaving{peer.key, former});
    CHECK(node.table.predecessor() == before);
    CHECK(node.list() == Keys{200});
    for (const Contact peer : {before, after}) node.membership.take(node.overlay(), peer.address, Leaving{peer.key, 5});
    CHECK_FALSE(node.table.predecessor());
    CHECK(node.list().empty());
  }
}

TEST_CASE("a lost peer that answers is to be introduced, and a stranger is not") {
  Steps node;
  CHECK_FALSE(node.membership.take(node.overlay(), contact_at(77).address, Pong{1, Key{77}}));
  node.membership.hear_of(node.overlay(), contact_at(77).address);
  CHECK(node.membership.take(node.overlay(), contact_at(77).address, Pong{1, Key{77}}));
  CHECK_FALSE(node.membership.take(node.overlay(), contact_at(78).address, Pong{1, Key{78}}));
}

TEST_CASE("a stranger is asked even while the first successor owes an answer, and not while another stranger does") {
  Steps node;
  node.membership.stabilize(node.overlay());
  node.membership.ask_candidate(node.overlay(), contact_at(150));
  CHECK(node.sent<NeighboursQuery>().back().to == contact_at(150).address);
  node.membership.ask_candidate(node.overlay(), contact_at(140));
  CHECK(node.sent<NeighboursQuery>().size() == 2);
  node.answer(contact_at(150), node.predecessor, {200, 300});
  CHECK(node.list() == Keys{150, 200, 300});
  CHECK_FALSE(node.membership.stabilization().is_under_way());
}

TEST_CASE("who leaves tells its predecessor and its next two successors, and is gone") {
  Steps node;
  node.membership.begin_leaving(node.overlay());
  const auto told = node.sent<Leaving>();
  REQUIRE(told.size() == 3);
  CHECK(told[0].to == node.predecessor.address);
  CHECK(told[1].to == contact_at(200).address);
  CHECK(told[2].to == contact_at(300).address);
  CHECK(told[0].message.incarnation == 7);
  CHECK(node.table.stage() == Stage::gone);
  CHECK(node.count_of(EffectKind::exit_process) == 1);
}
