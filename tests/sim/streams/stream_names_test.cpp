#include "sim/streams/stream_names.h"

#include <map>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::sim;

TEST_CASE("names of streams are found as long as they are in use") {
  StreamNames names;
  CHECK(names.find(7) == StreamNames::none);
  // Names come and go at random among few, so that slots are constantly shared, freed and moved.
  std::map<std::uint64_t, std::uint32_t> expected;
  KeyedStream draws(11);
  for (std::uint32_t step = 0; step < 20'000; ++step) {
    const std::uint64_t name = draws.below(300);
    if (expected.count(name) > 0) {
      names.remove(name);
      expected.erase(name);
    } else {
      names.add(name, step);
      expected[name] = step;
    }
    if (step % 50 != 0) continue;
    for (std::uint64_t other = 0; other < 300; ++other) {
      const auto found = expected.find(other);
      REQUIRE(names.find(other) == (found == expected.end() ? StreamNames::none : found->second));
    }
  }
}
