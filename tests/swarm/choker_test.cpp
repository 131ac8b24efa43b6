#include "protocols/swarm/exchange/choker.h"

#include <algorithm>

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

struct Scene : DownloadScene {
  Scene() { stage.options.upload_slots = 2; }
  // One that wants pieces, and has had no slot since it came, each a millisecond later than the one before.
  StreamId add_waiting(NodeIndex i, std::uint32_t pieces = 1) {
    const StreamId stream = add_source(i, pieces);
    stage.now += 1ms;
    link(stream).slot.open(stage.now);
    link(stream).slot.set_wanted(true);
    return stream;
  }
  std::vector<StreamId> add_many(NodeIndex count) {
    std::vector<StreamId> streams;
    for (NodeIndex i = 1; i <= count; ++i) streams.push_back(add_waiting(i));
    return streams;
  }
  template <class Act>
  void let(Act act) {
    stage.act([&](const Context& context) { act(context); });
  }
  void fill() {
    let([&](const Context& context) { choker.fill_slots(context, links, files); });
  }
  void round() {
    let([&](const Context& context) { choker.begin_round(context, links, files); });
  }
  void take_idle() {
    let([&](const Context& context) { choker.take_idle_slots(context, links, files); });
  }
  bool has_slot(StreamId stream) { return link(stream).has_slot(); }
  std::size_t slots() {
    return static_cast<std::size_t>(
        std::count_if(links.begin(), links.end(), [](const Link& each) { return each.has_slot(); }));
  }
  void ask(StreamId stream) { link(stream).uploads.add(block(0)); }
  Choker choker{};
};

}  // namespace

TEST_CASE("slots go to those who wait longest, one more than the regular ones, and each hears of it") {
  Scene scene;
  const auto streams = scene.add_many(5);
  scene.fill();
  CHECK(scene.slots() == 3);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(scene.has_slot(streams[i]) == (i < 3));
    CHECK(scene.said(streams[i], FrameKind::unchoke) == (i < 3 ? 1 : 0));
  }
  CHECK(scene.stage.timer(choke_timer) == scene.stage.options.choke_period);
  CHECK(scene.stage.timer(slot_timer) == scene.stage.options.idle_slot);
}

TEST_CASE("in the plain mode everybody who asks has a slot") {
  Scene scene;
  scene.stage.options.choking = Choking::plain;
  scene.add_many(20);
  scene.fill();
  CHECK(scene.slots() == 20);
  CHECK_FALSE(scene.stage.timer(choke_timer));
}

TEST_CASE("tit for tat gives free slots to those who gave most in this round") {
  Scene scene;
  const auto streams = scene.add_many(5);
  scene.link(streams[4]).received = 100;
  scene.link(streams[3]).received = 50;
  scene.link(streams[2]).received = 70;
  scene.link(streams[2]).slot.begin_round(70);
  scene.fill();
  for (const std::size_t i : {0U, 3U, 4U}) CHECK(scene.has_slot(streams[i]));
}

TEST_CASE("a round moves slots to those who give more, and takes back what was asked on them") {
  Scene scene;
  const auto streams = scene.add_many(4);
  scene.fill();
  for (const std::size_t i : {1U, 2U}) scene.link(streams[i]).received = 100;
  scene.link(streams[3]).received = 10;
  scene.ask(streams[0]);
  scene.round();
  CHECK_FALSE(scene.has_slot(streams[0]));
  CHECK(scene.has_slot(streams[3]));
  CHECK(scene.said(streams[0], FrameKind::choke) == 1);
  CHECK(scene.link(streams[0]).uploads.empty());
  CHECK(scene.link(streams[0]).slot.is_void());
  CHECK(scene.stage.timer(choke_timer));
}

TEST_CASE("where nobody gives anything, half of the slots move on in each round") {
  Scene scene;
  scene.stage.options.upload_slots = 3;
  const auto streams = scene.add_many(8);
  scene.fill();
  scene.stage.now += 10s;
  scene.round();
  CHECK(scene.slots() == 4);
  for (std::size_t i = 0; i < 8; ++i) CHECK(scene.has_slot(streams[i]) == (i >= 2 && i < 6));
}

TEST_CASE("every few rounds chance gives the slot of the least deserving to somebody who waits") {
  Scene scene;
  scene.stage.options.optimistic_rounds = 2;
  const auto streams = scene.add_many(5);
  scene.fill();
  for (const std::size_t i : {0U, 1U, 2U}) scene.link(streams[i]).received = 100 * (i + 1);
  const auto gives_on = [&] {
    for (const std::size_t i : {0U, 1U, 2U}) scene.link(streams[i]).slot.begin_round(0);
  };
  scene.round();
  for (const std::size_t i : {0U, 1U, 2U}) CHECK(scene.has_slot(streams[i]));
  gives_on();
  scene.round();
  CHECK(scene.slots() == 3);
  CHECK(scene.has_slot(streams[3]) != scene.has_slot(streams[4]));
}

TEST_CASE("a newcomer need not wait for chance, one at a time, and not for ever") {
  Scene scene;
  const auto streams = scene.add_many(3);
  scene.fill();
  for (const StreamId stream : streams) scene.ask(stream);
  const StreamId first = scene.add_waiting(11, 0);
  const StreamId second = scene.add_waiting(12, 0);
  scene.take_idle();
  CHECK(scene.has_slot(first));
  CHECK_FALSE(scene.has_slot(second));
  scene.ask(first);
  scene.take_idle();
  CHECK_FALSE(scene.has_slot(second));
}

TEST_CASE("a slot whose peer asks for nothing goes to another who waits, and stays where nobody does") {
  Scene scene;
  const auto streams = scene.add_many(3);
  scene.fill();
  scene.ask(streams[0]);
  scene.stage.now += scene.stage.options.idle_slot;
  scene.take_idle();
  CHECK(scene.slots() == 3);
  CHECK(scene.stage.timer(slot_timer));
  const StreamId waiting = scene.add_waiting(9);
  scene.stage.now += 1ms;
  scene.take_idle();
  CHECK(scene.has_slot(streams[0]));
  CHECK(scene.has_slot(waiting));
  CHECK(scene.said(streams[1], FrameKind::choke) == 1);
}

TEST_CASE("slots that lie idle are lent to others meanwhile") {
  Scene scene;
  const auto streams = scene.add_many(8);
  scene.fill();
  CHECK(scene.slots() == 3);
  scene.stage.now += 1s;  // time enough to ask
  scene.fill();
  CHECK(scene.slots() == 4);
  CHECK(scene.has_slot(streams[3]));
}

TEST_CASE("a link that is lost, or wants nothing any more, frees its slot") {
  Scene scene;
  const auto streams = scene.add_many(5);
  scene.fill();
  scene.links.close(scene.link(streams[0]));
  CHECK(scene.choker.lose(*scene.links.begin()));
  CHECK_FALSE(scene.choker.lose(*scene.links.begin()));
  scene.fill();
  CHECK(scene.has_slot(streams[3]));
  scene.let([&](const Context& context) {
    Link& link = scene.link(streams[1]);
    link.slot.set_wanted(false);
    scene.choker.take_unwanted(context, scene.links, scene.files, link);
  });
  CHECK_FALSE(scene.has_slot(streams[1]));
  CHECK(scene.has_slot(streams[4]));
}

TEST_CASE("whoever spreads a file gives each slot for a turn, which ends when all that was asked for is sent") {
  Scene scene;
  scene.file().state = SharedFile::State::complete;
  const auto streams = scene.add_many(4);
  scene.fill();
  Link& link = scene.link(streams[0]);
  const auto end_turn = [&] {
    scene.let([&](const Context& context) { scene.choker.end_turn(context, scene.links, scene.files, link); });
    return !link.has_slot();
  };
  CHECK_FALSE(end_turn());
  scene.stage.now += 1s;
  REQUIRE_FALSE(link.advice.empty());
  CHECK_FALSE(end_turn());
  link.advice.remove_if([](std::uint32_t) { return true; });
  scene.ask(streams[0]);
  CHECK_FALSE(end_turn());
  link.uploads.clear();
  CHECK(end_turn());
  CHECK(scene.has_slot(streams[3]));
}
