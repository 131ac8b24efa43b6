// A ring under churn (Stoica et al., ToN 2003, table III): about 1,000 nodes with a successor list of 20, stabilization
// every 15 to 45 s, one lookup per second in total; joins and graceful leaves are each a Poisson process of rate R.
// Timeouts measure how old fingers are, and which nodes learn of silence. In the paper's simulator (section VI-A) a
// node that stabilizes renews one of its distinct entries, successors and fingers, in turn; lookups are iterative; and
// the initiator drops from its own tables the nodes that did not answer.

#include <array>

#include "sim/random/distribution.h"
#include "tests/catch.h"
#include "tests/oracles/ring_world.h"

namespace peerbed::oracles {
namespace {

ring::Options options_of_the_paper() {
  // The paper's nodes have 20 successors and 6 fingers beyond them: each finger is renewed every 26th round. Nodes here
  // compare all successors in each round, and renew one at a time of 11 fingers beyond the first successor.
  constexpr Duration round = 30s;
  constexpr int entries_of_the_paper = 26;
  constexpr int fingers_in_turn = 11;
  ring::Options options;
  options.successor_list_length = 20;
  options.stabilize_period = options.check_predecessor_period = round;
  options.fix_finger_period = round * entries_of_the_paper / fingers_in_turn;
  options.fingers_per_run = 1;
  options.period_jitter_percent = 50;
  options.lookup_mode = ring::LookupMode::iterative;
  options.forget_silent_fingers = true;
  return options;
}

// Actions from outside, one after the other: the three Poisson processes are merged into one with the sum of their
// rates.
void run_churn(RingWorld& ring, double rate, Duration length, KeyedStream& draws) {
  constexpr double lookups_per_second = 1;
  const double total = 2 * rate + lookups_per_second;
  const auto interval = sim::Distribution::exponential(1e9 / total);
  const Time end = ring.world().now() + length;
  while (true) {
    const Time next = ring.world().now() + Duration(static_cast<std::int64_t>(interval.sample(draws)));
    ring.world().run_until(std::min(next, end));
    if (next >= end) return;
    const double kind = draws.unit() * total;
    if (kind < rate) {
      ring.join(ring.any_member(draws));
    } else if (kind < 2 * rate) {
      ring.leave(ring.any_member(draws));
    } else {
      ring.look_up(draws);
    }
  }
}

struct Row {
  double rate;      // R, per second
  double path;      // forwardings
  double timeouts;  // per 10,000 lookups: no answer, or one that is not the key's owner
  double failures;  // per 10,000 lookups: without an answer, or with one that is not the key's owner
};

constexpr std::array table{Row{.05, 3.90, .05, 0}, Row{.10, 3.83, .11, 0}, Row{.20, 3.81, .23, 5},
                           Row{.30, 3.91, .34, 8}, Row{.40, 4.06, .46, 15}};

// Rings are independent, but the lookups of one ring are not: errors are computed between rings.
void check_row(const Row& row, std::size_t rings, Duration length) {
  std::vector<double> paths;
  std::vector<double> timeouts;
  double lookups = 0;
  double failures = 0;
  for (std::size_t seed = 1; seed <= rings; ++seed) {
    RingWorld ring(1000, options_of_the_paper(), seed);
    KeyedStream draws(seed);
    run_churn(ring, row.rate, 1600s, draws);  // long enough to forget the ideal start: each finger is renewed once
    ring.ends().clear();
    run_churn(ring, row.rate, length, draws);
    paths.push_back(moments(hops_of(ring.ends())).mean);
    double sum = 0;
    for (const LookupEnd& end : ring.ends()) {
      sum += static_cast<double>(end.timeouts);
      failures += end.right ? 0 : 1;
    }
    const auto count = static_cast<double>(ring.ends().size());
    timeouts.push_back(sum / count);
    lookups += count;
  }
  const Moments path = moments(paths);
  const Moments timeout = moments(timeouts);
  UNSCOPED_INFO("R " << row.rate << ": path " << path.mean << " +- " << path.standard_error << ", timeouts "
                     << timeout.mean << " +- " << timeout.standard_error << ", failures " << failures << " of "
                     << lookups);
  CHECK(std::abs(path.mean - row.path) <= std::max(0.05 * row.path, 4 * path.standard_error));
  CHECK(std::abs(timeout.mean - row.timeouts) <= std::max(0.25 * row.timeouts, 4 * timeout.standard_error));
  CHECK(failures / lookups * 10'000 <= 5 * row.failures);
}

}  // namespace

TEST_CASE("under slow churn, paths, timeouts and failures of lookups match the Chord paper") {
  check_row(table[1], 3, 1800s);
}

TEST_CASE("under fast churn, paths, timeouts and failures of lookups match the Chord paper") {
  check_row(table[4], 3, 1800s);
}

TEST_CASE("at five rates of churn, paths, timeouts and failures of lookups match the Chord paper", "[.nightly]") {
  for (const Row& row : table) check_row(row, 8, 7200s);
}

}  // namespace peerbed::oracles
