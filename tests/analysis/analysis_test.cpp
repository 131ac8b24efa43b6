#include <filesystem>
#include <fstream>
#include <sstream>

#include "analysis/results/table.h"
#include "analysis/statistics/histogram.h"
#include "analysis/statistics/metrics.h"
#include "analysis/statistics/overlay.h"
#include "analysis/trace/event_record.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

TEST_CASE("a histogram is exact for small values") {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.add(value);
  CHECK(histogram.count() == 100);
  CHECK(histogram.mean() == 50.5);
  CHECK(histogram.minimum() == 1);
  CHECK(histogram.maximum() == 100);
  CHECK(histogram.percentile(0.5) == 50);
  CHECK(histogram.percentile(0.99) == 99);
  CHECK(histogram.percentile(1) == 100);
  CHECK(histogram.percentile(0) == 1);
  CHECK(histogram.standard_deviation() == Approx(29.0115).epsilon(1e-5));
}

TEST_CASE("a percentile is never more than 0.8 % off, up to the largest value") {
  for (std::uint64_t value = 1; value < UINT64_MAX / 3; value = value * 3 + 1) {
    Histogram histogram;
    histogram.add(value);
    histogram.add(UINT64_MAX);
    const auto found = static_cast<double>(histogram.percentile(0.5));
    CAPTURE(value);
    CHECK(found >= static_cast<double>(value));
    CHECK(found <= static_cast<double>(value) * 1.008);
  }
}

TEST_CASE("merged histograms equal one histogram of all values") {
  Histogram odd, even, all;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    (i % 2 == 0 ? even : odd).add(i * i);
    all.add(i * i);
  }
  odd.merge(even);
  CHECK(odd.count() == all.count());
  CHECK(odd.sum() == all.sum());
  for (const double share : {0.0, 0.1, 0.5, 0.9, 1.0}) CHECK(odd.percentile(share) == all.percentile(share));
}

TEST_CASE("an empty histogram has no metrics, a flag has its share") {
  Metrics metrics;
  metrics.set_distribution("empty", Histogram(), Unit::count);
  CHECK(metrics.all().empty());
  Histogram flags;
  for (const std::uint64_t flag : {1, 1, 1, 0}) flags.add(flag);
  metrics.set_distribution("success", flags, Unit::flag);
  CHECK(metrics.find("success.share")->value == 0.75);
  CHECK_FALSE(metrics.find("success.mean"));
}

TEST_CASE("overlay health of a ring, of two rings, and of nothing") {
  std::vector<Edge> ring;
  for (std::uint32_t i = 0; i < 10; ++i) ring.emplace_back(i, (i + 1) % 10);
  const OverlayHealth one = overlay_health(10, ring);
  CHECK(one.strong_components == 1);
  CHECK(one.largest_component == 10);
  CHECK(one.diameter == 9);
  CHECK(one.mean_distance == 5);
  CHECK(one.in_degree_minimum == 1);
  CHECK(one.in_degree_maximum == 1);
  const OverlayHealth two = overlay_health(5, {{0, 1}, {1, 0}, {2, 3}, {3, 4}, {4, 2}, {0, 2}});
  CHECK(two.strong_components == 2);
  CHECK(two.largest_component == 3);
  CHECK(two.in_degree_maximum == 2);
  CHECK(overlay_health(0, {}).strong_components == 0);
}

TEST_CASE("a table aligns its columns by characters and leaves no trailing spaces") {
  Table table({{"name", Align::left}, {"count", Align::right}});
  table.add({"größe", "7"});
  table.add({"x"});
  std::ostringstream out;
  table.print(out, Style{});
  CHECK(out.str() == "  name   count\n  größe      7\n  x\n");
}

TEST_CASE("an event record is read back, and anything else is refused") {
  const std::string file = (std::filesystem::temp_directory_path() / "peerbed_record_test").string();
  EventRecordWriter writer(file);
  for (std::uint32_t i = 0; i < 50'000; ++i) writer.add(i * 2'654'435'761U);
  writer.close();
  const auto hashes = read_event_record(file);
  REQUIRE(hashes.size() == 50'000);
  CHECK(hashes[49'999] == 49'999U * 2'654'435'761U);
  std::ofstream(file, std::ios::app) << "x";
  CHECK_THROWS_WITH(read_event_record(file), file + ": this is not an event record; run the scenario again with --out");
  std::filesystem::remove(file);
  CHECK_THROWS_WITH(read_event_record(file), file + ": no such event record; run the scenario again with --out");
}
