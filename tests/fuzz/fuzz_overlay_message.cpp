// The decoders of Kademlia and SWIM, whose kinds of messages differ.

#include "protocols/kademlia/wire/messages.h"
#include "protocols/swim/messages.h"
#include "tests/fuzz/message_round_trip.h"

using namespace peerbed;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(data, size));
  expect_message_round_trips(input, kademlia::wire_version, kademlia::decode);
  expect_message_round_trips(input, swim::wire_version, swim::decode);
  return 0;
}
