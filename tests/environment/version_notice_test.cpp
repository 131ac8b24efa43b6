#include "protocols/environment/version_notice.h"

#include <array>

#include "tests/catch.h"

using namespace peerbed;

namespace {

constexpr std::uint16_t event = 3;
constexpr Address sender = Address::ipv4(0x0A000001, 4000);

// What a node of version 7 does with a datagram.
struct Refusal {
  explicit Refusal(Bytes payload) {
    DrawCounts draws{};
    Environment environment(time_zero, Address::ipv4(0x0A000002, 4000), 1, draws, effects);
    refuse_datagram(environment, sender, payload, 7, event);
    REQUIRE_FALSE(effects.all().empty());
    CHECK(effects.all()[0].number == event);
    std::memcpy(values.data(), effects.bytes_of(effects.all()[0]).data(), sizeof values);
  }
  bool is_answered() const { return effects.all().size() == 2; }
  Bytes answer() const { return effects.bytes_of(effects.all()[1]); }

  Effects effects;
  TraceValues values{};
};

struct Datagram {
  explicit Datagram(std::uint8_t version) {
    Writer writer(buffer);
    VersionNotice{version}.encode(writer);
    bytes = writer.written();
  }
  // The same datagram as another kind, with a valid checksum.
  Bytes of_kind(std::uint8_t kind) {
    buffer[1] = std::byte{kind};
    Writer(std::span<std::byte>(buffer).subspan(2)).integer(codec::check_of(Bytes(buffer).first(2)));
    return bytes;
  }
  std::array<std::byte, 16> buffer{};
  Bytes bytes;
};

}  // namespace

TEST_CASE("a valid datagram of another version is answered in the own version, with no more bytes than it has") {
  for (const int number : {1, 6, 8, 255}) {
    const auto version = static_cast<std::uint8_t>(number);
    Datagram datagram(version);
    const Refusal refusal(datagram.of_kind(4));
    CHECK(refusal.values == TraceValues{sender.value, datagram.bytes.size(), version});
    REQUIRE(refusal.is_answered());
    CHECK(Reader(refusal.answer()).header().version == 7);
    CHECK(refusal.answer().size() <= datagram.bytes.size());
    CHECK(codec::is_whole(refusal.answer()));
    CHECK(Address{refusal.effects.all()[1].argument} == sender);
  }
}

TEST_CASE("a notice is reported but not answered, so that two versions do not answer each other for ever") {
  const Refusal refusal(Datagram(8).bytes);
  CHECK(refusal.values[2] == 8);
  CHECK_FALSE(refusal.is_answered());
}

TEST_CASE("a damaged datagram, or an invalid one of this version, is not answered") {
  Datagram damaged(8);
  Bytes bytes = damaged.of_kind(4);
  damaged.buffer[3] ^= std::byte{1};
  CHECK_FALSE(Refusal(bytes).is_answered());
  CHECK(Refusal(bytes).values[2] == 0);
  Datagram own(7);
  CHECK_FALSE(Refusal(own.of_kind(200)).is_answered());
  Datagram without_version(0);
  CHECK_FALSE(Refusal(without_version.of_kind(4)).is_answered());
  CHECK_FALSE(Refusal(Bytes()).is_answered());
}
