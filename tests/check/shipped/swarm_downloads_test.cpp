// Every interleaving of a download: what comes on streams, messages, timers and deaths in any order. No peer believes a
// wrong byte, and each download ends, with the file if a source lives.

#include "tests/check/shipped/swarm_downloads.h"
#include "tests/catch.h"
#include "tests/check/shipped/expected_counts.h"
#include "tests/check/shipped/message_walk.h"

using namespace peerbed;
using namespace peerbed::check;
using scenarios::CheckedPeer;

namespace {

void check_download(const SwarmDownload& download, const Counts& expected) {
  check_counts(DownloadSystem(options_of(download), download_form()), expected);
}

constexpr std::size_t exchange = 3;  // the places of fields: of a peer
constexpr std::size_t links = 0;     // and of its exchange

}  // namespace

TEST_CASE("a download from one source ends and is right, whoever dies") {
  check_download({.sources = 1}, {137, 254, 36});
  check_download({.sources = 1, .crashes = 1}, {337, 859, 36});
}

TEST_CASE("a download from two sources ends and is right, whoever dies") {
  check_download({}, {55'100, 197'136, 62});
  check_download({.crashes = 1}, {103'219, 519'278, 68});
}

TEST_CASE("a download from two sources ends and is right, though one of them lies") {
  check_download({.is_last_liar = true}, {29'519, 103'644, 62});
}

TEST_CASE("a download from two sources ends and is right, whenever disks answer", "[.nightly]") {
  check_download({.disks_take_time = true}, {231'138, 925'595, 80});
}

TEST_CASE("a download from two sources ends and is right, though one of them lies and one of the three dies",
          "[.nightly]") {
  check_download({.crashes = 1, .is_last_liar = true}, {56'609, 278'462, 62});
}

TEST_CASE("a download goes on as its form does") {
  const auto options = options_of(SwarmDownload{.crashes = Budget::any});
  CHECK(states_that_differ(options, download_form(), 1500, 1) == 0);
  const auto forget = [](CheckedPeer& node) {
    for (swarm::Link& link : field_of<links>(field_of<exchange>(field_of<0>(node)))) link = {.stream = link.stream};
  };
  CHECK(states_that_differ(options, ForgetfulForm<CheckedPeer>{download_form(), forget}, 1500, 1) > 0);
}
