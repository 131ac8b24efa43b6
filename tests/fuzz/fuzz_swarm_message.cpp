// The swarm's decoders: any bytes are either refused, or are a message whose encoding is exactly these bytes. Half of
// the inputs get a correct version and checksum first, which a fuzzer would hardly guess.

#include <algorithm>
#include <array>
#include <variant>
#include <vector>

#include "protocols/swarm/base/bitfield.h"
#include "protocols/swarm/wire/frame.h"
#include "protocols/swarm/wire/messages.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed;

namespace {

template <class Message>
void expect_encoding(const Message& message, Bytes expected) {
  std::array<std::byte, maximum_datagram_size> buffer{};
  Writer writer(buffer);
  message.encode(writer);
  FUZZ_EXPECT(writer.ok());
  FUZZ_EXPECT(std::ranges::equal(writer.written(), expected));
}

void expect_round_trip(Bytes payload) {
  if (const auto message = swarm::decode(payload))
    std::visit([payload](const auto& alternative) { expect_encoding(alternative, payload); }, *message);
  if (const auto frame = swarm::decode_frame(payload)) expect_encoding(*frame, payload);
  if (const auto hello = swarm::decode_hello(payload)) expect_encoding(*hello, payload);
}

void expect_manifest_round_trip(Bytes bytes) {
  const auto manifest = swarm::Manifest::decode(bytes);
  if (!manifest) return;
  FUZZ_EXPECT(manifest->geometry.is_valid());
  FUZZ_EXPECT(manifest->pieces.size() == manifest->geometry.pieces());
  FUZZ_EXPECT(std::ranges::equal(manifest->encoded(), bytes));
}

void expect_bitfield_round_trip(Bytes bytes) {
  for (std::size_t spare = 0; spare < 8 && spare <= 8 * bytes.size(); ++spare) {
    swarm::Bitfield bits(8 * bytes.size() - spare);
    if (bits.decode(bytes)) expect_encoding(bits, bytes);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > maximum_datagram_size - codec::check_size) return 0;
  const Bytes input = std::as_bytes(std::span(data, size));
  expect_round_trip(input);
  expect_manifest_round_trip(input);
  expect_bitfield_round_trip(input);

  std::vector<std::byte> sealed(input.begin(), input.end());
  if (sealed.empty()) return 0;
  sealed[0] = static_cast<std::byte>(swarm::wire_version);
  sealed.resize(size + codec::check_size);
  Writer check(std::span<std::byte>(sealed).subspan(size));
  check.integer(codec::check_of(Bytes(sealed).first(size)));
  expect_round_trip(sealed);
  return 0;
}
