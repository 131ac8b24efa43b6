// Two sets of results with a known difference, and the verdicts on them.

#include <algorithm>
#include <cmath>

#include "analysis/results/comparison.h"
#include "protocols/environment/random.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

namespace {

struct Made {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 20;
  double slower = 0;  // added to each run's time
  double noise = 0;   // of this side only; each seed also has luck that both sides share
};

// Runs at two points, with a time (less is better), a rate (more is better), a size (neither) and a constant.
SweepResults results_with(const Made& made) {
  SweepResults results({"made", "0123456789abcdef", "1.0", {"peers"}});
  for (const char* peers : {"1", "2"})
    for (std::uint64_t seed = made.first_seed; seed < made.first_seed + made.seeds; ++seed) {
      const double luck = to_unit(key_of(seed, 1));
      const double own = made.noise * to_unit(key_of(seed, 2));
      const double time = 10 + 5 * luck + own + (peers[0] == '2' ? made.slower : 0);
      UnitResult unit{.values = {peers}, .seed = seed, .digest = std::to_string(time), .good = true};
      unit.metrics.set("time", time, Unit::none, Better::less);
      unit.metrics.set("rate", 1 / time, Unit::none, Better::more);
      unit.metrics.set("size", 100 * time, Unit::bytes);
      unit.metrics.set("constant", 3.0, Unit::none, Better::less);
      results.add(unit);
    }
  return results;
}

const std::vector<std::string> all{"constant", "rate", "size", "time"};

ComparisonVerdict verdict_on(const std::vector<Comparison>& comparisons, const char* metric, std::size_t point) {
  for (const Comparison& each : comparisons)
    if (each.metric == metric && each.point == point) return each.verdict;
  return ComparisonVerdict::untested;
}

}  // namespace

TEST_CASE("a small change that luck hides is found by pairs and not without them") {
  // The luck of a seed spreads the times over 5; the change is 0.2.
  const auto before = results_with({});
  const auto by_pairs = compare(before, results_with({.slower = 0.2, .noise = 0.1}), all);
  CHECK(verdict_on(by_pairs, "time", 1) == ComparisonVerdict::worse);
  CHECK(verdict_on(by_pairs, "rate", 1) == ComparisonVerdict::worse);
  CHECK(verdict_on(by_pairs, "size", 1) == ComparisonVerdict::different);
  const auto other_seeds = compare(before, results_with({.first_seed = 100, .slower = 0.2, .noise = 0.1}), all);
  CHECK(verdict_on(other_seeds, "time", 1) == ComparisonVerdict::undecided);
}

TEST_CASE("each comparison has a suitable test and an effect with its interval") {
  const auto before = results_with({});
  const auto paired = compare(before, results_with({.slower = -1, .noise = 0.1}), {"time"});
  REQUIRE(paired.size() == 2);
  CHECK(paired[1].test == Test::paired_bootstrap);
  CHECK(paired[1].change.pairs == 20);
  CHECK(paired[1].change.difference == Approx(-0.95).margin(0.02));
  CHECK(paired[1].change.interval.low < paired[1].change.difference);
  CHECK(paired[1].change.interval.high > paired[1].change.difference);
  CHECK(paired[1].verdict == ComparisonVerdict::better);
  const auto unpaired = compare(before, results_with({.first_seed = 100, .slower = 9}), {"time"});
  REQUIRE(unpaired.size() == 2);
  CHECK(unpaired[1].test == Test::mann_whitney);
  CHECK(unpaired[1].change.pairs == 0);
  CHECK(unpaired[1].verdict == ComparisonVerdict::worse);
}

TEST_CASE("equal results do not differ and a constant is left out") {
  const auto same = compare(results_with({}), results_with({}), all);
  CHECK(same.size() == 6);  // three metrics at two points
  CHECK(std::all_of(same.begin(), same.end(),
                    [](const Comparison& c) { return c.verdict == ComparisonVerdict::undecided; }));
}

TEST_CASE("a change within the margin is ignored") {
  const auto before = results_with({});
  const auto after = results_with({.slower = 0.2});
  CHECK(verdict_on(compare(before, after, {"time"}, {.margin = 0.01}), "time", 1) == ComparisonVerdict::worse);
  CHECK(verdict_on(compare(before, after, {"time"}, {.margin = 0.03}), "time", 1) == ComparisonVerdict::undecided);
}

TEST_CASE("many tests are corrected for their number") {
  const auto before = results_with({});
  const auto after = results_with({.first_seed = 100, .slower = 1.5});
  const auto alone = compare(before, after, {"time"}, {.correction = Correction::none});
  const auto by_holm = compare(before, after, all);
  REQUIRE(alone[1].p == alone[1].adjusted);
  const auto same_test = std::find_if(by_holm.begin(), by_holm.end(),
                                      [](const Comparison& each) { return each.metric == "time" && each.point == 1; });
  CHECK(same_test->p == alone[1].p);
  CHECK(same_test->adjusted > 1.9 * same_test->p);
}

TEST_CASE("when only chance is at work few comparisons are significant") {
  // Only luck differs: at 5 % and without correction, about 5 of 100 would be significant.
  std::size_t called = 0;
  for (std::uint64_t round = 0; round < 50; ++round) {
    const auto a = results_with({.first_seed = 1000 * round, .seeds = 12});
    const auto b = results_with({.first_seed = 1000 * round + 500, .seeds = 12});
    for (const Comparison& each :
         compare(a, b, {"time"}, {.correction = Correction::none, .bootstrap = {.resamples = 100}}))
      called += each.verdict == ComparisonVerdict::undecided ? 0 : 1;
  }
  CHECK(called <= 12);
}

TEST_CASE("single runs are compared by the distributions of what their nodes traced") {
  const auto run = [](std::uint64_t shift) {
    SweepResults results({"run", "", "1.0", {}});
    UnitResult unit{.seed = 1, .digest = std::to_string(shift)};
    unit.metrics.set("lookup.latency.mean", 50.0 + static_cast<double>(shift), Unit::nanoseconds, Better::less);
    results.add(unit);
    std::vector<Bar> bars;
    for (std::uint64_t value = 0; value < 100; ++value) bars.push_back({value + shift, 3});
    results.add_distribution(0, "lookup.latency", bars);
    return results;
  };
  const auto compared = compare(run(0), run(20), {"lookup.latency.mean"});
  REQUIRE(compared.size() == 2);
  CHECK(compared[0].verdict == ComparisonVerdict::untested);
  CHECK(compared[1].metric == "lookup.latency");
  CHECK(compared[1].test == Test::kolmogorov_smirnov);
  CHECK(compared[1].change.difference == Approx(20));
  CHECK(compared[1].change.interval.low == Approx(20 - 1.96 * 28.91 * std::sqrt(2.0 / 300)).epsilon(0.01));
  CHECK(compared[1].verdict == ComparisonVerdict::worse);
  CHECK(compare(run(0), run(1), {"lookup.latency.mean"})[1].verdict == ComparisonVerdict::undecided);
}

TEST_CASE("points are matched by their parameters") {
  SweepResults a({"s", "", "1", {"peers"}});
  SweepResults b({"s", "", "1", {"peers"}});
  for (const char* peers : {"1", "2"}) a.add({.values = {peers}, .seed = 1});
  for (const char* peers : {"2", "1", "4"}) b.add({.values = {peers}, .seed = 1});
  const auto matched = matched_points(a, b);
  REQUIRE(matched.size() == 2);
  CHECK(matched[0] == std::pair<std::size_t, std::size_t>(0, 1));
  CHECK(matched[1] == std::pair<std::size_t, std::size_t>(1, 0));
  CHECK(matched_points(a, SweepResults({"s", "", "1", {"loss"}})).empty());
}
