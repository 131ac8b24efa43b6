#include "protocols/ring/base/key.h"

#include <rapidcheck.h>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::ring;

namespace {
// Few keys, so that equal ones and wraps are common.
Key any_key() { return Key{*rc::gen::inRange<std::uint64_t>(0, 12)}; }
}  // namespace

TEST_CASE("between is the strict clockwise arc, and the whole ring but the end when both ends are one") {
  CHECK(between(Key{2}, Key{5}, Key{9}));
  CHECK_FALSE(between(Key{2}, Key{2}, Key{9}));
  CHECK_FALSE(between(Key{2}, Key{9}, Key{9}));
  CHECK(between(Key{9}, Key{1}, Key{2}));
  CHECK_FALSE(between(Key{9}, Key{5}, Key{2}));
  CHECK(between(Key{4}, Key{5}, Key{4}));
  CHECK_FALSE(between(Key{4}, Key{4}, Key{4}));
}

TEST_CASE("between follows from walking clockwise one step at a time") {
  rc::check([] {
    const Key from = any_key(), middle = any_key(), to = any_key();
    const KeySpace space(8);
    bool met = false;
    for (Key step = space.wrap(from.value + 1); step != to && step != from; step = space.wrap(step.value + 1))
      met = met || step == middle;
    RC_ASSERT(between(from, middle, to) == met);
  });
}

TEST_CASE("each key has exactly one owner in any ring") {
  rc::check([] {
    const auto keys =
        *rc::gen::nonEmpty(rc::gen::container<std::set<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 256)));
    const Key key{*rc::gen::inRange<std::uint64_t>(0, 256)};
    const std::vector<std::uint64_t> ring(keys.begin(), keys.end());
    std::size_t owners = 0;
    for (std::size_t i = 0; i < ring.size(); ++i)
      owners += owns(Key{ring[(i + ring.size() - 1) % ring.size()]}, key, Key{ring[i]});
    RC_ASSERT(owners == 1u);
  });
}

TEST_CASE("distances and finger starts wrap at every width") {
  rc::check([] {
    const auto bits = *rc::gen::inRange(8u, 65u);
    const KeySpace space(bits);
    const Key self = space.wrap(*rc::gen::arbitrary<std::uint64_t>());
    const auto exponent = *rc::gen::inRange(0u, bits);
    RC_ASSERT(space.bits() == bits);
    RC_ASSERT(space.contains(self));
    RC_ASSERT(space.distance(self, space.finger_start(self, exponent)) == 1ULL << exponent);
  });
}
