// The ring's decoder: any bytes are either refused, or are a message whose encoding is exactly these bytes. Half of the
// inputs get a correct version and checksum first, which a fuzzer would hardly guess.

#include <algorithm>
#include <array>
#include <variant>
#include <vector>

#include "protocols/ring/wire/messages.h"
#include "protocols/ring/wire/wire.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed;

namespace {

void expect_round_trip(Bytes payload) {
  const auto message = ring::decode(payload);
  if (!message) return;
  std::array<std::byte, maximum_datagram_size> buffer{};
  Writer writer(buffer);
  std::visit([&writer](const auto& alternative) { alternative.encode(writer); }, *message);
  FUZZ_EXPECT(writer.ok());
  FUZZ_EXPECT(std::ranges::equal(writer.written(), payload));
  FUZZ_EXPECT(ring::decode(writer.written()) == message);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > maximum_datagram_size - codec::check_size) return 0;
  const Bytes input = std::as_bytes(std::span(data, size));
  expect_round_trip(input);

  std::vector<std::byte> sealed(input.begin(), input.end());
  if (sealed.empty()) return 0;
  sealed[0] = static_cast<std::byte>(ring::wire_version);
  sealed.resize(size + codec::check_size);
  Writer check(std::span<std::byte>(sealed).subspan(size));
  check.integer(codec::check_of(Bytes(sealed).first(size)));
  expect_round_trip(sealed);
  return 0;
}
