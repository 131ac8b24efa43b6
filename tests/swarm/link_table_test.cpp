#include "protocols/swarm/link/link_table.h"

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

Link& open(Stage& stage, LinkTable& links, Address peer, Duration patience = 1s) {
  return stage.act([&](const Context& context) -> Link& { return links.open(context, 1, peer, patience); });
}

}  // namespace

TEST_CASE("streams that are opened here have odd numbers of their own") {
  Stage stage;
  LinkTable links;
  const StreamId first = open(stage, links, Stage::other(1)).stream;
  CHECK(stage.of(EffectKind::open_stream).size() == 1);
  const StreamId second = open(stage, links, Stage::other(2)).stream;
  CHECK(first == StreamId{1});
  CHECK(second == StreamId{3});
  CHECK(links.find(second)->peer == Stage::other(2));
  CHECK(links.find(StreamId{5}) == nullptr);
  CHECK(links.count_for(1) == 2);
  CHECK(links.has(1, Stage::other(2)));
  CHECK_FALSE(links.has(2, Stage::other(2)));
}

TEST_CASE("a closed link is found no more, and keeps its place until the handler ends") {
  Stage stage;
  LinkTable links;
  for (NodeIndex i = 1; i <= 3; ++i) open(stage, links, Stage::other(i));
  {
    const LinkTable::Sweeper sweeper(links);
    Link& second = *links.find(StreamId{3});
    links.close(second);
    CHECK(links.find(StreamId{3}) == nullptr);
    CHECK(links.size() == 3);
    CHECK(second.peer == Stage::other(2));
    CHECK(links.count_for(1) == 2);
  }
  CHECK(links.size() == 2);
  CHECK(links.find(StreamId{1})->peer == Stage::other(1));
  CHECK(links.find(StreamId{5})->peer == Stage::other(3));
}

TEST_CASE("a stream that does not open, or is not greeted, is overdue after its patience") {
  Stage stage;
  LinkTable links;
  Link& opened = open(stage, links, Stage::other(1), 2s);
  CHECK_FALSE(overdue(opened, stage.now + 2s - 1ns));
  CHECK(overdue(opened, stage.now + 2s) == CloseReason::unreachable);
  opened.stage = Link::Stage::greeting;
  CHECK(overdue(opened, stage.now + 2s) == CloseReason::mute);
  opened.stage = Link::Stage::open;
  CHECK_FALSE(overdue(opened, stage.now + 1h));

  const Link& accepted =
      stage.act([&](const Context& context) -> Link& { return links.accept(context, StreamId{2}, Stage::other(2)); });
  CHECK_FALSE(overdue(accepted, stage.now + 9 * stage.options.connect_timeout));
  CHECK(overdue(accepted, stage.now + 10 * stage.options.connect_timeout) == CloseReason::mute);
}

TEST_CASE("an open stream is probed when nothing came for a while, and not too often") {
  Stage stage;
  LinkTable links;
  Link& link = open(stage, links, Stage::other(1));
  const auto probes = [&] {
    stage.act([&](const Context& context) { probe(context, link); });
    return stage.frames(link.stream).size();
  };
  stage.now += 1min;
  CHECK(probes() == 0);  // it is not open
  link.stage = Link::Stage::open;
  CHECK(probes() == 1);
  CHECK(probes() == 0);
  stage.now += 5s;
  link.heard = stage.now - 1s;
  CHECK(probes() == 0);
  stage.now += 5s;
  CHECK(probes() == 1);
}
