#include "protocols/swarm/trackers/tracker_sessions.h"

#include <array>

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::array two_trackers{Stage::other(1), Stage::other(2)};
constexpr Address stranger = Stage::other(9);

struct Sessions : Stage {
  Sessions() {
    act([&](const Context& context) { sessions.start(context); });
  }
  template <class Message>
  bool take(Address from, const Message& message) {
    return act([&](const Context& context) { return sessions.take(context, from, message); });
  }
  void review() {
    act([&](const Context& context) { sessions.review(context); });
  }
  TrackerSessions sessions{two_trackers, 10};
};

}  // namespace

TEST_CASE("a peer enrols with all of its trackers, and looks again in time to find one silent") {
  Sessions stage;
  const auto sent = stage.sent<Enrol>();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].first == two_trackers[0]);
  CHECK(sent[1].first == two_trackers[1]);
  CHECK(stage.timer(tracker_timer) == stage.options.tracker_silence / 3);
  CHECK_FALSE(stage.sessions.has_heard());
}

TEST_CASE("only a tracker that is silent for too long is enrolled with again") {
  Sessions stage;
  REQUIRE(stage.take(two_trackers[0], Heartbeat{}));
  CHECK(stage.sessions.has_heard());
  stage.now += stage.options.tracker_silence - 1ns;
  REQUIRE(stage.take(two_trackers[1], Heartbeat{}));
  stage.review();
  CHECK(stage.sent<Enrol>().empty());
  stage.now += 1ns;
  stage.review();
  REQUIRE(stage.sent<Enrol>().size() == 1);
  CHECK(stage.sent<Enrol>()[0].first == two_trackers[0]);
}

TEST_CASE("where silence is no reason to enrol again, only a tracker that was never heard is enrolled with") {
  Sessions stage;
  stage.options.tracker_silence = 0ns;
  REQUIRE(stage.take(two_trackers[0], Heartbeat{}));
  stage.now += 1h;
  stage.review();
  REQUIRE(stage.sent<Enrol>().size() == 1);
  CHECK(stage.sent<Enrol>()[0].first == two_trackers[1]);
  CHECK(stage.timer(tracker_timer) == stage.options.heartbeat_timeout);
}

TEST_CASE("a heartbeat is answered in its own words, and what it shows to be missing is asked for") {
  Sessions stage;
  REQUIRE(stage.take(two_trackers[0], Heartbeat{.version = {7, 3}, .number = 5}));
  REQUIRE(stage.sent<Alive>().size() == 1);
  CHECK(stage.sent<Alive>()[0].first == two_trackers[0]);
  CHECK(stage.sent<Alive>()[0].second == Alive{7, 5});
  REQUIRE(stage.sent<ListQuery>().size() == 1);
  CHECK(stage.sent<ListQuery>()[0].first == two_trackers[0]);
}

TEST_CASE("a page that was lost is asked for again at the next review") {
  Sessions stage;
  ListPage page{.version = {7, 1}, .after = {}, .last = false, .peers = {}};
  page.peers.add(Stage::other(5));
  REQUIRE(stage.take(two_trackers[0], page));
  CHECK(stage.traces(TraceEvent::list_renewed) == 1);
  CHECK(stage.sessions.list().contains(Stage::other(5)));
  REQUIRE(stage.sent<ListQuery>().size() == 1);
  const ListQuery next = stage.sent<ListQuery>()[0].second;
  CHECK(next.after == Stage::other(5));
  stage.review();
  REQUIRE(stage.sent<ListQuery>().size() == 1);
  CHECK(stage.sent<ListQuery>()[0].second == next);
}

TEST_CASE("what a stranger says as a tracker is not heard") {
  Sessions stage;
  ListPage page{.version = {7, 1}, .after = {}, .last = true, .peers = {}};
  page.peers.add(Stage::other(5));
  ListChanges changes;
  changes.changes.add({Stage::other(5), true});
  CHECK_FALSE(stage.take(stranger, Heartbeat{}));
  CHECK_FALSE(stage.take(stranger, page));
  CHECK_FALSE(stage.take(stranger, changes));
  CHECK(stage.effects.all().empty());
  CHECK(stage.sessions.list().size() == 0);
  CHECK_FALSE(stage.sessions.has_heard());
}

TEST_CASE("a tracker that moved is enrolled with where it is now, unless that is a tracker already") {
  Sessions stage;
  const auto move = [&](Address from, Address to) {
    return stage.act([&](const Context& context) { return stage.sessions.move_tracker(context, from, to); });
  };
  CHECK_FALSE(move(two_trackers[0], two_trackers[1]));
  CHECK_FALSE(move(stranger, Stage::other(3)));
  CHECK(stage.effects.all().empty());
  REQUIRE(move(two_trackers[0], Stage::other(3)));
  REQUIRE(stage.sent<Enrol>().size() == 1);
  CHECK(stage.sent<Enrol>()[0].first == Stage::other(3));
  CHECK_FALSE(stage.take(two_trackers[0], Heartbeat{}));
  CHECK(stage.take(Stage::other(3), Heartbeat{}));
}

TEST_CASE("whoever leaves says so to every tracker") {
  Sessions stage;
  stage.act([&](const Context& context) { stage.sessions.leave(context); });
  REQUIRE(stage.sent<Leaving>().size() == 2);
  CHECK(stage.sent<Leaving>()[1].first == two_trackers[1]);
}
