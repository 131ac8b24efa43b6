// Every interleaving of a download: what comes on streams, messages, timers and deaths in any order. No peer believes a
// wrong byte, and each download ends, with the file if a source lives.

#include "tests/check/shipped/swarm_downloads.h"
#include "check/engine/explorer.h"
#include "tests/catch.h"
#include "tests/check/shipped/message_walk.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

void check_counts(const SwarmDownload& download, std::uint64_t states, std::uint64_t transitions, std::uint32_t depth) {
  const DownloadSystem system(options_of(download), download_form());
  Explorer explorer(system, {.records_graph = true});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::proved);
  CHECK(found.states == states);
  CHECK(found.transitions == transitions);
  CHECK(found.depth == depth);
  CHECK_FALSE(explorer.graph().divergence());
}

}  // namespace

TEST_CASE("a download from one source ends and is right, whoever dies") {
  check_counts({.sources = 1}, 137, 254, 36);
  check_counts({.sources = 1, .crashes = 1}, 337, 859, 36);
}

TEST_CASE("a download from two sources ends and is right, whoever dies") {
  check_counts({}, 55'100, 197'136, 62);
  check_counts({.crashes = 1}, 103'219, 519'278, 68);
}

TEST_CASE("a download from two sources ends and is right, though one of them lies") {
  check_counts({.is_last_liar = true}, 29'519, 103'644, 62);
}

TEST_CASE("a download from two sources ends and is right, whenever disks answer", "[.nightly]") {
  check_counts({.disks_take_time = true}, 231'138, 925'595, 80);
}

TEST_CASE("a download from two sources ends and is right, though one of them lies and one of the three dies",
          "[.nightly]") {
  check_counts({.crashes = 1, .is_last_liar = true}, 56'609, 278'462, 62);
}

TEST_CASE("a download goes on as its form does") {
  const auto options = options_of(SwarmDownload{.crashes = Budget::any});
  CHECK(states_that_differ(options, download_form(), 1500, 1) == 0);
}
