// The table of links, and how long a queue was at which level.

#include <algorithm>
#include <vector>

#include "analysis/results/link_table.h"
#include "analysis/statistics/occupancy.h"
#include "protocols/environment/random.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

TEST_CASE("a table of links is read back as it was written") {
  LinkRow first;
  first.seconds = 0.5;
  first.link = "peer 8 up";
  first.utilisation = 1.0 / 3;
  std::uint64_t number = 1;
  for (const LinkColumn& column : link_columns) first.*column.field = ++number;
  LinkRow second;
  second.link = "Oslo, \"the\" -> Rome";
  const std::string csv = links_csv({first, second});
  CHECK(csv.starts_with("seconds,link,utilisation,rate,queue,packets,"));
  const auto read = read_links(csv);
  REQUIRE(read);
  CHECK(links_csv(*read) == csv);
  REQUIRE(read->size() == 2);
  CHECK((*read)[0].queue_max == first.queue_max);
  CHECK((*read)[1].link == second.link);
  for (const char* damaged : {"", "seconds,link\n", "0.5,a,0\n"}) CHECK_FALSE(read_links(damaged));
  CHECK_FALSE(read_links(csv.substr(0, csv.size() - 3)));
  CHECK(read_links(links_csv({})));
}

TEST_CASE("percentiles of a level are those of its course, sampled finely") {
  constexpr int runs = 50;
  for (int run = 0; run < runs; ++run) {
    KeyedStream draws(key_of(run, 0x0CC));
    Occupancy occupancy;
    std::vector<std::uint64_t> samples;  // one for each nanosecond
    std::uint64_t level = draws.below(100'000);
    for (int piece = 0; piece < 30; ++piece) {
      const std::uint64_t next = draws.below(100'000);
      const auto length = static_cast<std::int64_t>(draws.below(2'000));
      occupancy.add(level, next, Duration(length));
      for (std::int64_t at = 0; at < length; ++at) {
        const double share = (static_cast<double>(at) + 0.5) / static_cast<double>(length);
        samples.push_back(
            static_cast<std::uint64_t>(static_cast<double>(level) * (1 - share) + static_cast<double>(next) * share));
      }
      level = next;
    }
    const std::uint64_t idle = draws.below(20'000);
    samples.resize(samples.size() + idle, 0);
    std::sort(samples.begin(), samples.end());
    const Duration whole(static_cast<std::int64_t>(samples.size()));
    for (const double share : {0.1, 0.5, 0.9, 0.99}) {
      const auto expected =
          static_cast<double>(samples[static_cast<std::size_t>(share * static_cast<double>(samples.size()))]);
      const auto actual = static_cast<double>(occupancy.percentile(share, whole));
      INFO("run " << run << ", share " << share << ": " << actual << " for " << expected);
      CHECK(std::abs(actual - expected) <= std::max(64.0, expected * 0.04));
    }
    CHECK(occupancy.maximum() < 100'000);
    CHECK(occupancy.percentile(1, whole) <= occupancy.maximum());
  }
}

TEST_CASE("an empty queue has no level") {
  const Occupancy occupancy;
  CHECK(occupancy.percentile(0.99, std::chrono::seconds(1)) == 0);
  CHECK(occupancy.maximum() == 0);
}
