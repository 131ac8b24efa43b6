#include "protocols/ring/membership/asked_along.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;

TEST_CASE("those behind a silent first successor are asked along until they are heard, and their silences count") {
  PartSurroundings node;
  AskedAlong along;
  along.begin(std::span(node.successors).subspan(1));
  along.ask(node.context(), 33);
  CHECK(node.sent<Ping>().size() == 2);
  along.note_heard(contact_at(400).address);
  node.forget_effects();
  along.ask(node.context(), 34);
  const auto pings = node.sent<Ping>();
  REQUIRE(pings.size() == 1);
  CHECK(pings.front().to == contact_at(300).address);
  CHECK(pings.front().message.id == 34);
  CHECK_FALSE(along.take_silent(contact_at(400)));
  CHECK(along.take_silent(contact_at(300)) == 2u);
  CHECK_FALSE(along.take_silent(contact_at(300)));
}

TEST_CASE("a node that hears nobody concludes nothing from the silence of others") {
  PartSurroundings node;
  AskedAlong along;
  along.begin(node.successors);
  along.ask(node.context(), 33);
  CHECK_FALSE(along.take_silent(contact_at(300)));
  along.note_heard(contact_at(999).address);
  CHECK(along.take_silent(contact_at(300)) == 1u);
  along.end();
  CHECK_FALSE(along.take_silent(contact_at(400)));
}
