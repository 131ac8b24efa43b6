#include "protocols/coursework/messages.h"

#include "protocols/ring/wire/messages.h"
#include "tests/catch.h"
#include "tests/ring/drawer.h"

using namespace peerbed;
using namespace peerbed::coursework;

TEST_CASE("every message is decoded to what was encoded, and fits one datagram") {
  check_round_trips<ring::Drawer>(std::type_identity<Message>{}, decode);
}

TEST_CASE("a ring and a ring of the coursework refuse one another's messages") {
  CHECK_FALSE(ring::decode(encoded(SuccessorPing{.id = 7, .self = Key{5}})).has_value());
  CHECK_FALSE(decode(encoded(ring::Notify{Key{5}})).has_value());
}
