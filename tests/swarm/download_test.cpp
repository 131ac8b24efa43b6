// Downloads from sources that have the whole file: how their rates add up, and who is asked for what.

#include "tests/catch.h"
#include "tests/swarm/swarm_world.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t pace = 10'000'000;  // bytes a second

struct Fetch {
  double seconds = 0;
  std::uint64_t duplicates = 0;  // bytes
};

// Searching, connecting, greeting and slow start take ten round trips of 20 ms.
constexpr double beginning = 0.2;

// The last peer fetches a file that all others have, each with an up-link of its own.
Fetch fetch(const Options& options, std::span<const std::uint64_t> paces, std::uint64_t size,
            std::uint64_t download_pace = 0) {
  const std::size_t wanting = paces.size();
  SwarmWorld swarm(options, {.peers = wanting + 1});
  swarm.start_all();
  for (std::size_t i = 0; i < wanting; ++i) {
    swarm.set_upload(i, paces[i]);
    swarm.give(i, "file", size);
  }
  if (download_pace != 0) swarm.set_download(wanting, download_pace);
  swarm.run_for(3s);
  swarm.command(wanting, "DOWN file");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(wanting, "file"); }, 600s));
  const auto& done = swarm.journal().of(TraceEvent::download_done);
  return {static_cast<double>(done[0].values[0]) * 1e-9, done[0].values[2]};
}

}  // namespace

TEST_CASE("the rates of k sources add up") {
  const std::size_t k = GENERATE(1, 2, 4, 8);
  const std::vector<std::uint64_t> paces(k, pace);
  const Fetch result = fetch({}, paces, 512 * mebibyte);
  const double ideal = 512.0 * mebibyte / static_cast<double>(k * pace);
  CAPTURE(k, result.seconds, ideal);
  CHECK(ideal / (result.seconds - beginning) >= 0.98);
  CHECK(ideal / result.seconds <= 1.0);
  CHECK(result.duplicates <= 64 * 1024 * k);
}

TEST_CASE("sources of different rates are done at the same time") {
  const std::vector<std::uint64_t> paces{16'000'000, 8'000'000, 4'000'000, 2'000'000, 500'000};
  const Fetch result = fetch({}, paces, 256 * mebibyte);
  const double ideal = 256.0 * mebibyte / 30.5e6;
  CAPTURE(result.seconds, ideal);
  CHECK(ideal / result.seconds >= 0.96);
  CHECK(result.duplicates <= 2 * mebibyte);
}

TEST_CASE("a downloader whose link is the limit fills it") {
  const std::vector<std::uint64_t> paces(8, pace);
  const Fetch result = fetch({}, paces, 256 * mebibyte, 20'000'000);
  const double ideal = 256.0 * mebibyte / 20e6;
  CAPTURE(result.seconds, ideal);
  CHECK(ideal / result.seconds >= 0.95);
}

TEST_CASE("equal fragments take as long as equal shares, and with unequal sources as long as the slowest") {
  Options fragment;
  fragment.division = Division::fragment;
  const std::vector<std::uint64_t> equal(4, pace);
  CHECK(fetch(fragment, equal, 128 * mebibyte).seconds == Approx(128.0 * mebibyte / (4 * pace)).epsilon(0.1));
  const std::vector<std::uint64_t> unequal{pace, pace, pace, pace / 4};
  CHECK(fetch(fragment, unequal, 128 * mebibyte).seconds >= 32.0 * mebibyte / (pace / 4));
  CHECK(fetch({}, unequal, 128 * mebibyte).seconds <= 1.02 * 128.0 * mebibyte / (3.25 * pace) + beginning);
}

TEST_CASE("in fragment mode the range of a lost source is fetched anew, whole, after the others") {
  Options fragment;
  fragment.division = Division::fragment;
  SwarmWorld swarm(fragment, {.peers = 5});
  swarm.start_all();
  for (std::size_t i = 0; i < 4; ++i) {
    swarm.set_upload(i, pace);
    swarm.give(i, "file", 128 * mebibyte);
  }
  swarm.run_for(2s);
  swarm.command(4, "DOWN file");
  swarm.run_for(2s);  // of 3.4
  swarm.world().crash(swarm.peer(2), Disk::keep);
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(4, "file"); }, 60s));
  const auto& done = swarm.journal().of(TraceEvent::download_done);
  const double range = 32.0 * mebibyte / pace;
  CHECK(static_cast<double>(done[0].values[0]) * 1e-9 >= 2 * range);
  CHECK(done[0].values[2] >= 10 * mebibyte);  // what the lost source had sent was in vain
}

TEST_CASE("in fragment mode what a choke voided is asked for again") {
  // More downloaders than a source has slots, and slots that move on while fragments are under way.
  Options options;
  options.division = Division::fragment;
  options.choking = Choking::rotation;
  options.upload_slots = 1;
  options.choke_period = 500ms;
  SwarmWorld swarm(options, {.peers = 8});
  swarm.start_all();
  for (std::size_t i = 0; i < 2; ++i) {
    swarm.set_upload(i, pace);
    swarm.give(i, "file", 32 * mebibyte);
  }
  swarm.run_for(2s);
  for (std::size_t i = 2; i < 8; ++i) swarm.command(i, "DOWN file");
  const auto all_done = [&] {
    for (std::size_t i = 2; i < 8; ++i)
      if (!swarm.is_complete(i, "file")) return false;
    return true;
  };
  CHECK(swarm.run_until(all_done, 120s));
}

TEST_CASE("limits of upload and download are kept") {
  Options options;
  options.block_size = 16 * 1024;
  SECTION("of upload") { options.upload_limit = 8'000'000; }
  SECTION("of download") { options.download_limit = 8'000'000; }
  const std::vector<std::uint64_t> paces(1, pace);
  const Fetch result = fetch(options, paces, 16 * mebibyte);
  CHECK(result.seconds == Approx(16.0 * mebibyte / 1e6).epsilon(0.03));
}

TEST_CASE("at the end the last blocks are asked of several, and few of them come twice") {
  // One source is so slow that its last block alone would take seconds.
  const std::vector<std::uint64_t> paces{pace, pace, 20'000};
  const Fetch result = fetch({}, paces, 64 * mebibyte);
  const double ideal = 64.0 * mebibyte / (2 * pace + 20'000);
  CAPTURE(result.seconds, ideal, result.duplicates);
  CHECK(result.seconds <= ideal + 0.4);
  CHECK(result.duplicates <= mebibyte);
}

TEST_CASE("files of any size arrive whole") {
  const std::uint64_t size = GENERATE(1, 65'535, 65'536, 1024 * 1024, 1024 * 1024 + 1, 5'000'000);
  const std::vector<std::uint64_t> paces(2, pace);
  CHECK(fetch({}, paces, size).seconds < 3);
}
