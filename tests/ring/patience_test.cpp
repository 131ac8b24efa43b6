#include "protocols/ring/base/patience.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr Address peer = contact_at(200).address;

}  // namespace

TEST_CASE("while no round trip is known a wait is judged soon, and then goes on") {
  PartSurroundings node;
  CHECK(next_deadline(node.context(), peer, 500ms, 1) == node.now + 500ms);
  const Time asked = node.now;
  node.now += 500ms;
  CHECK(extended_deadline(node.context(), asked, peer, 500ms, 1) == node.now + 500ms);
  node.now = asked + node.options.initial_timeout;
  CHECK(extended_deadline(node.context(), asked, peer, 500ms, 1) == node.now);
}

TEST_CASE("each wait is twice as long as the one before it, up to four times the first") {
  PartSurroundings node;
  node.rtt.note(peer, 1ms);
  CHECK(next_deadline(node.context(), peer, 500ms, 1) == node.now + 500ms);
  CHECK(next_deadline(node.context(), peer, 500ms, 2) == node.now + 1s);
  CHECK(next_deadline(node.context(), peer, 500ms, 3) == node.now + 2s);
  CHECK(next_deadline(node.context(), peer, 500ms, 9) == node.now + 2s);
  // The waits of three attempts together.
  CHECK(extended_deadline(node.context(), node.now, peer, 500ms, 3) == node.now + 3500ms);
}

TEST_CASE("a node that hedges asks somebody else after the usual wait, and one that does not, never") {
  PartSurroundings node;
  CHECK(hedge_delay(node.context()) > 10'000h);
  node.options.hedge_after = 5ms;
  CHECK(hedge_delay(node.context()) == node.options.hop_timeout);
  node.rtt.note(peer, 1ms);
  CHECK(hedge_delay(node.context()) == 5ms);
  node.options.hedge_after = 2ms;
  CHECK(hedge_delay(node.context()) == 3ms);
}

TEST_CASE("only an answer to the first copy of a question is measured") {
  PartSurroundings node;
  note_answer(node.context(), node.now - 1s, peer, id_of_next_copy(node.ids.next()));
  CHECK_FALSE(node.rtt.known());
  CHECK(node.rtt.doubts_silence());
  note_answer(node.context(), node.now - 1s, peer, node.ids.next());
  CHECK(node.rtt.known());
}

TEST_CASE("a probe is answered by any of its copies, and only while it is open") {
  PartSurroundings node;
  Probe probe;
  CHECK_FALSE(probe.is_answer(0));
  probe.begin(node.context(), peer);
  const std::uint32_t first = probe.id();
  node.now = probe.deadline();
  probe.begin_next_attempt(node.context(), peer);
  CHECK(probe.id() == id_of_next_copy(first));
  CHECK(probe.attempts() == 2);
  CHECK(probe.is_answer(first));
  CHECK_FALSE(probe.is_answer(node.ids.next()));
  probe.take_answer(node.context(), peer, first);
  CHECK_FALSE(probe.is_open());
  CHECK_FALSE(probe.is_answer(first));
}

TEST_CASE("a probe that begins as a later attempt is over when all waits up to it would be") {
  PartSurroundings node;
  node.rtt.note(peer, 1ms);
  Probe probe;
  probe.begin(node.context(), peer, 3);
  CHECK(probe.deadline() == node.now + 2s);
  node.now += 2s;
  CHECK_FALSE(probe.still_waits(node.context(), peer));
  CHECK_FALSE(is_first_copy(probe.id()));
}

TEST_CASE("the late answer to the first copy of a probe that was given up is measured") {
  PartSurroundings node;
  Probe probe;
  probe.begin(node.context(), peer);
  const std::uint32_t id = probe.id();
  probe.begin_next_attempt(node.context(), peer);
  probe.give_up(node.context(), peer);
  CHECK_FALSE(probe.is_open());
  CHECK(node.rtt.is_silent(peer));
  node.rtt.note_late_answer(peer, id_of_next_copy(id), node.now + 3s);
  CHECK_FALSE(node.rtt.known());
  node.rtt.note_late_answer(peer, id, node.now + 3s);
  CHECK(node.rtt.known());
}
