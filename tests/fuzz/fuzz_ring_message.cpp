// The ring's decoder.

#include "protocols/ring/wire/messages.h"
#include "protocols/ring/wire/wire.h"
#include "tests/fuzz/message_round_trip.h"

using namespace peerbed;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  expect_message_round_trips(std::as_bytes(std::span(data, size)), ring::wire_version, ring::decode);
  return 0;
}
