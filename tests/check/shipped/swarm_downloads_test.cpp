// Every interleaving of a download: what comes on streams, messages, timers and deaths in any order. No peer believes a
// wrong byte, and each download ends, with the file if a source lives.

#include "tests/check/shipped/swarm_downloads.h"
#include "check/engine/explorer.h"
#include "tests/catch.h"
#include "tests/check/shipped/message_walk.h"

using namespace peerbed;
using namespace peerbed::check;
using scenarios::CheckedPeer;

namespace {

void prove(const SwarmDownload& download) {
  const DownloadSystem system(options_of(download), download_form());
  Explorer explorer(system, {.at_most_states = 1'000'000, .records_graph = true});
  CHECK(explorer.run().verdict() == Verdict::proved);
  CHECK_FALSE(explorer.graph().divergence());
}

constexpr std::size_t exchange = 3;  // the places of fields: of a peer
constexpr std::size_t links = 0;     // of its exchange

}  // namespace

TEST_CASE("a download from one source ends and is right, whoever dies") {
  prove({.sources = 1});
  prove({.sources = 1, .crashes = 1});
}

TEST_CASE("a download goes on as its form does") {
  const auto options = options_of(SwarmDownload{.crashes = Budget::any});
  CHECK(states_that_differ(options, download_form(), 1500, 1) == 0);
  const auto forget = [](CheckedPeer& node) {
    auto& peer = field_of<0>(node);
    for (swarm::Link& link : field_of<links>(field_of<exchange>(peer))) link.choked = false;
  };
  CHECK(states_that_differ(options, ForgetfulForm<CheckedPeer>{download_form(), forget}, 1000, 1) > 0);
}
