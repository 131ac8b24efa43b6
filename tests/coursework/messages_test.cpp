#include "protocols/coursework/messages.h"

#include "protocols/ring/wire/messages.h"
#include "tests/catch.h"
#include "tests/ring/message_round_trip.h"

using namespace peerbed;
using namespace peerbed::coursework;

TEST_CASE("every message is decoded to what was encoded, and fits one datagram") {
  ring::check_round_trips(std::type_identity<Message>{}, decode);
}

TEST_CASE("a ring and a ring of the coursework refuse one another's messages") {
  CHECK_FALSE(ring::decode(ring::encoded(SuccessorPing{.id = 7, .self = Key{5}})).has_value());
  CHECK_FALSE(decode(ring::encoded(ring::Notify{Key{5}})).has_value());
}
