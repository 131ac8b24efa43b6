#include "protocols/kademlia/base/id.h"

#include <rapidcheck.h>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::kademlia;

namespace {

Id drawn_id() {
  return {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>(),
          *rc::gen::arbitrary<std::uint32_t>()};
}

}  // namespace

TEST_CASE("the XOR metric is a metric, and for each distance there is one identifier") {
  CHECK(rc::check([] {
    const Id a = drawn_id();
    const Id b = drawn_id();
    RC_ASSERT(distance(a, a) == Id{});
    RC_ASSERT(distance(a, b) == distance(b, a));
    RC_ASSERT(distance(a, distance(a, b)) == b);
    RC_ASSERT((distance(a, b) == Id{}) == (a == b));
  }));
}

TEST_CASE("who shares more bits with the target is closer") {
  CHECK(rc::check([] {
    const Id target = drawn_id();
    const auto fewer = *rc::gen::inRange<unsigned>(0, id_bits - 1);
    const auto more = *rc::gen::inRange<unsigned>(fewer + 1, id_bits);
    RC_ASSERT(is_closer(with_prefix_of(target, more, drawn_id()), with_prefix_of(target, fewer, drawn_id()), target));
  }));
}

TEST_CASE("an identifier with a given prefix shares exactly that many bits, and the rest is the noise") {
  CHECK(rc::check([] {
    const Id id = drawn_id();
    const Id noise = drawn_id();
    const auto prefix = *rc::gen::inRange<unsigned>(0, id_bits);
    const Id other = with_prefix_of(id, prefix, noise);
    RC_ASSERT(common_prefix(id, other) == prefix);
    for (unsigned place = prefix + 1; place < id_bits; ++place) RC_ASSERT(bit(other, place) == bit(noise, place));
  }));
  CHECK(common_prefix(Id{1, 2, 3}, Id{1, 2, 3}) == id_bits);
}

TEST_CASE("an identifier is written in 40 hexadecimal digits and read again") {
  CHECK(to_hex({0x0123456789ABCDEF, 0xFEDCBA9876543210, 0xDEADBEEF}) == "0123456789abcdeffedcba9876543210deadbeef");
  CHECK(rc::check([] {
    const Id id = drawn_id();
    RC_ASSERT(from_hex(to_hex(id)) == id);
  }));
  CHECK_FALSE(from_hex("0123456789abcdeffedcba9876543210deadbee").has_value());
  CHECK_FALSE(from_hex("0123456789abcdeffedcba9876543210deadbeeg").has_value());
}

TEST_CASE("the key of a name is its hash, or the identifier that it spells") {
  CHECK(key_of_name("colour") != key_of_name("color"));
  CHECK(key_of_name("0123456789abcdeffedcba9876543210deadbeef").low == 0xDEADBEEF);
}
