#include "sim/random/churn.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "tests/catch.h"
#include "tests/sim/kolmogorov_smirnov.h"

namespace peerbed::sim {

namespace {

using namespace std::chrono_literals;

constexpr double minute = 60e9;

Time at(Duration since_start) { return time_zero + since_start; }

ChurnScope scope_of(std::size_t count, Duration until, double graceful_share = 0) {
  std::vector<NodeIndex> nodes(count);
  std::iota(nodes.begin(), nodes.end(), NodeIndex{0});
  return {std::move(nodes), time_zero, at(until), graceful_share, 42};
}

bool starts(const ChurnEvent& event) { return event.kind == ChurnKind::arrive || event.kind == ChurnKind::return_; }

std::map<NodeIndex, ChurnSchedule> by_node(const ChurnSchedule& schedule) {
  std::map<NodeIndex, ChurnSchedule> nodes;
  for (const ChurnEvent& event : schedule) nodes[event.node].push_back(event);
  return nodes;
}

// The lengths of the periods that begin with a start (up) or an end of a session, in nanoseconds: for each node, at
// most `take` of them after the first `skip`.
std::vector<double> lengths(const ChurnSchedule& schedule, bool up, std::size_t skip, std::size_t take) {
  std::vector<double> lengths;
  for (const auto& [node, events] : by_node(schedule)) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
      if (starts(events[i]) != up) continue;
      if (seen >= skip && seen < skip + take)
        lengths.push_back(static_cast<double>((events[i + 1].at - events[i].at).count()));
      ++seen;
    }
  }
  return lengths;
}

double share_of(const ChurnSchedule& schedule, ChurnKind kind, ChurnKind other) {
  const auto count = [&](ChurnKind wanted) {
    return static_cast<double>(
        std::count_if(schedule.begin(), schedule.end(), [&](const ChurnEvent& event) { return event.kind == wanted; }));
  };
  return count(kind) / (count(kind) + count(other));
}

// Whether a schedule is sorted, and each node's starts and stops alternate, strictly in order and within the scope.
// Exactly the first event of a node is an arrival, unless the node was up before.
bool is_well_formed(const ChurnSchedule& schedule, const ChurnScope& scope, bool up_before) {
  const auto earlier = [](const ChurnEvent& a, const ChurnEvent& b) {
    return std::tie(a.at, a.node) < std::tie(b.at, b.node);
  };
  bool good = std::is_sorted(schedule.begin(), schedule.end(), earlier);
  for (const auto& [node, events] : by_node(schedule)) {
    bool up = up_before;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const bool arrives = events[i].kind == ChurnKind::arrive;
      good = good && starts(events[i]) != up && arrives == (i == 0 && !up_before);
      good = good && events[i].at >= scope.from && events[i].at < scope.until;
      good = good && (i == 0 || events[i].at > events[i - 1].at);
      up = !up;
    }
  }
  return good;
}

// How many of the scope's nodes are up at an instant.
std::int64_t up_at(const ChurnSchedule& schedule, std::int64_t up_before, Time time) {
  std::int64_t up = up_before;
  for (const ChurnEvent& event : schedule)
    if (event.at <= time) up += starts(event) ? 1 : -1;
  return up;
}

// KAD's clients (Steiner et al.), in nanoseconds.
const auto kad_session = Distribution::weibull(0.615, 169.5 * minute);
const auto kad_down = Distribution::weibull(0.476, 413.7 * minute);

}  // namespace

TEST_CASE("sessions and down times alternate and follow their Weibull distributions") {
  const ChurnScope scope = scope_of(20'000, 24h * 60);
  const auto schedule = alternating_churn(scope, kad_session, kad_down);
  CHECK(is_well_formed(schedule, scope, true));
  const auto weibull = [](double shape, double scale) {
    return [=](double x) { return 1 - std::exp(-std::pow(x / scale, shape)); };
  };
  // The first complete ones of each node: within 60 days the end cuts off next to none.
  CHECK(kolmogorov_smirnov(lengths(schedule, true, 0, 1), weibull(0.615, 169.5 * minute)) < kolmogorov_smirnov_limit);
  CHECK(kolmogorov_smirnov(lengths(schedule, false, 0, 1), weibull(0.476, 413.7 * minute)) < kolmogorov_smirnov_limit);
  CHECK(kolmogorov_smirnov(lengths(schedule, true, 0, 1), weibull(0.615, 190 * minute)) > kolmogorov_smirnov_limit);
}

TEST_CASE("a fresh session is complete, and one under way has its residual left") {
  const auto first_ends = [](ChurnStart start) {
    std::vector<double> ends;
    const auto schedule = alternating_churn(scope_of(20'000, 24h * 365), Distribution::uniform(0, 60 * minute),
                                            Distribution::constant(1e18), start);
    for (const ChurnEvent& event : schedule) ends.push_back(static_cast<double>(event.at.time_since_epoch().count()));
    return ends;
  };
  const double limit = 60 * minute;
  CHECK(kolmogorov_smirnov(first_ends(ChurnStart::fresh_sessions), [=](double x) { return x / limit; }) <
        kolmogorov_smirnov_limit);
  // The residual's density is P(X > x) / E X = (1 - x / limit) * 2 / limit.
  CHECK(kolmogorov_smirnov(first_ends(ChurnStart::sessions_under_way),
                           [=](double x) { return 1 - (1 - x / limit) * (1 - x / limit); }) < kolmogorov_smirnov_limit);
}

TEST_CASE("in equilibrium the share of nodes that are up is the same from the first instant to the last") {
  const auto session = Distribution::weibull(0.615, 30 * minute);
  const auto down = Distribution::exponential(60 * minute);
  const double availability = session.mean() / (session.mean() + down.mean());
  const ChurnScope scope = scope_of(20'000, 24h);
  const auto schedule = alternating_churn(scope, session, down, ChurnStart::equilibrium);
  CHECK(is_well_formed(schedule, scope, false));
  const double deviation = std::sqrt(20'000 * availability * (1 - availability));
  for (const Duration time :
       {Duration{0}, Duration{1min}, Duration{10min}, Duration{1h}, Duration{5h}, Duration{23h}}) {
    CAPTURE(time.count());
    CHECK(std::abs(static_cast<double>(up_at(schedule, 0, at(time))) - 20'000 * availability) < 4 * deviation);
  }
}

namespace {

// A distribution of times and its distribution function, in minutes.
struct Law {
  const char* name;
  Distribution distribution;
  std::function<double(double)> cumulative;
};

double normal_cumulative(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

std::vector<Law> laws() {
  const double cut = normal_cumulative(-1);  // of the normal distribution below 0
  return {
      {"constant", Distribution::constant(30 * minute), [](double x) { return x < 30 ? 0.0 : 1.0; }},
      {"uniform", Distribution::uniform(10 * minute, 60 * minute),
       [](double x) { return std::clamp((x - 10) / 50, 0.0, 1.0); }},
      {"exponential", Distribution::exponential(30 * minute), [](double x) { return 1 - std::exp(-x / 30); }},
      {"weibull", Distribution::weibull(0.5, 20 * minute), [](double x) { return 1 - std::exp(-std::sqrt(x / 20)); }},
      {"pareto", Distribution::pareto(3, 20 * minute), [](double x) { return x < 20 ? 0.0 : 1 - std::pow(20 / x, 3); }},
      {"lomax", Distribution::lomax(3, 60 * minute), [](double x) { return 1 - std::pow(1 + x / 60, -3); }},
      {"log_normal", Distribution::log_normal(20 * minute, 1),
       [](double x) { return x <= 0 ? 0.0 : normal_cumulative(std::log(x / 20)); }},
      {"normal", Distribution::normal(20 * minute, 20 * minute),
       [cut](double x) { return (normal_cumulative((x - 20) / 20) - cut) / (1 - cut); }},
  };
}

// The distribution function of what is left of a time under way: the integral of P(X > x) over its mean, tabulated.
std::function<double(double)> residual(const Law& law) {
  constexpr double step = 0.01;
  const double mean = law.distribution.mean() / minute;
  std::vector<double> table{0};
  while (table.back() < 0.99999 && table.size() < 1'000'000) {
    const double x = static_cast<double>(table.size() - 1) * step;
    table.push_back(table.back() + step * (1 - law.cumulative(x + step / 2)) / mean);
  }
  return [table](double nanoseconds) {
    const double place = nanoseconds / minute / step;
    const auto index = static_cast<std::size_t>(place);
    if (index + 1 >= table.size()) return table.back();
    return table[index] + (table[index + 1] - table[index]) * (place - static_cast<double>(index));
  };
}

}  // namespace

TEST_CASE("in equilibrium, what is left of the first session and down time follows the theory of renewals") {
  for (const Law& law : laws())
    for (const std::uint64_t seed : {1, 2}) {
      CAPTURE(law.name, seed);
      ChurnScope scope = scope_of(6000, 50h);  // next to nothing lasts longer
      scope.key = seed;
      const auto schedule = alternating_churn(scope, law.distribution, law.distribution, ChurnStart::equilibrium);
      std::vector<double> sessions;
      std::vector<double> down_times;
      for (const auto& [node, events] : by_node(schedule)) {
        const bool up = events.front().at == time_zero;
        const Time end = !up ? events.front().at : events.size() > 1 ? events[1].at : scope.until;
        (up ? sessions : down_times).push_back(static_cast<double>((end - time_zero).count()));
      }
      CHECK(sessions.size() == Approx(3000).margin(4 * std::sqrt(1500.0)));
      CHECK(kolmogorov_smirnov(sessions, residual(law)) < kolmogorov_smirnov_limit);
      CHECK(kolmogorov_smirnov(down_times, residual(law)) < kolmogorov_smirnov_limit);
    }
}

TEST_CASE("in equilibrium each pair of laws has its share of nodes up, at all times") {
  const double count = 4000;
  for (const Law& up : laws())
    for (const Law& down : laws()) {
      CAPTURE(up.name, down.name);
      const double availability = up.distribution.mean() / (up.distribution.mean() + down.distribution.mean());
      const auto schedule =
          alternating_churn(scope_of(4000, 5h), up.distribution, down.distribution, ChurnStart::equilibrium);
      const double deviation = std::sqrt(count * availability * (1 - availability));
      for (const Duration time : {Duration{0}, Duration{7min}, Duration{1h}, Duration{4h}})
        CHECK(std::abs(static_cast<double>(up_at(schedule, 0, at(time))) - count * availability) < 4.5 * deviation);
    }
}

TEST_CASE("with individual means, each node has its own availability, and their mean is that of the nodes") {
  const auto session = Distribution::lomax_of_mean(3, 30 * minute);
  const auto down = Distribution::lomax_of_mean(3, 60 * minute);
  const auto schedule =
      alternating_churn(scope_of(3000, 60h), session, down, ChurnStart::equilibrium, ChurnMeans::individual);
  CHECK(is_well_formed(schedule, scope_of(3000, 60h), false));
  // The mean of l / (l + d) over both laws, by their quantiles.
  double availability = 0;
  constexpr int steps = 400;
  const auto quantile = [](double mean, double p) { return 2 * mean * (std::pow(1 - p, -1.0 / 3) - 1); };
  for (int i = 0; i < steps; ++i)
    for (int j = 0; j < steps; ++j) {
      const double l = quantile(30, (i + 0.5) / steps);
      const double d = quantile(60, (j + 0.5) / steps);
      availability += l / (l + d) / (steps * steps);
    }
  for (const Duration time : {Duration{0}, Duration{1h}, Duration{10h}, Duration{59h}})
    CHECK(static_cast<double>(up_at(schedule, 0, at(time))) / 3000 ==
          Approx(availability).margin(4 * 0.5 / std::sqrt(3000.0)));
  // Sessions of one node resemble one another more than those of all: the spread of the nodes' means is wide.
  const auto common = alternating_churn(scope_of(3000, 60h), session, down, ChurnStart::equilibrium);
  const auto spread = [](const ChurnSchedule& events) {
    std::vector<double> counts;
    for (const auto& [node, own] : by_node(events)) counts.push_back(static_cast<double>(own.size()));
    const double mean = std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
    double squares = 0;
    for (const double each : counts) squares += (each - mean) * (each - mean);
    return squares / static_cast<double>(counts.size()) / (mean * mean);
  };
  CHECK(spread(schedule) > 4 * spread(common));
}

TEST_CASE("of 301 clients of KAD 65 are up in equilibrium") {
  const double availability = kad_session.mean() / (kad_session.mean() + kad_down.mean());
  CHECK(301 * availability == Approx(65).margin(1));
  double up = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    ChurnScope scope = scope_of(301, 1s);
    scope.key = seed;
    up += static_cast<double>(
        up_at(alternating_churn(scope, kad_session, kad_down, ChurnStart::equilibrium), 0, time_zero));
  }
  CHECK(up / 100 == Approx(301 * availability).margin(4 * std::sqrt(301 * availability * (1 - availability) / 100)));
}

TEST_CASE("the rate of departures is steady from the start when sessions are under way") {
  // Weibull sessions of a shape below 1 would otherwise end in a burst at the beginning.
  const auto session = Distribution::weibull(0.5, 30 * minute);
  const auto short_down = Distribution::constant(1e9);
  const auto ends_within = [&](ChurnStart start) {
    const auto schedule = alternating_churn(scope_of(20'000, 5min), session, short_down, start);
    return static_cast<double>(
        std::count_if(schedule.begin(), schedule.end(), [](const ChurnEvent& event) { return !starts(event); }));
  };
  const double expected = 20'000 * 5 * minute / (session.mean() + 1e9);
  CHECK(ends_within(ChurnStart::sessions_under_way) == Approx(expected).epsilon(0.05));
  CHECK(ends_within(ChurnStart::fresh_sessions) > 1.5 * expected);
}

TEST_CASE("the share of graceful leaves is as requested") {
  const auto schedule = alternating_churn(scope_of(1000, 24h, 0.3), Distribution::exponential(10 * minute),
                                          Distribution::exponential(minute));
  CHECK(share_of(schedule, ChurnKind::leave, ChurnKind::crash) == Approx(0.3).epsilon(0.03));
  const auto crashes =
      alternating_churn(scope_of(10, 24h, 0), Distribution::exponential(minute), Distribution::constant(1));
  CHECK(share_of(crashes, ChurnKind::leave, ChurnKind::crash) == 0);
  const auto leaves =
      alternating_churn(scope_of(10, 24h, 1), Distribution::exponential(minute), Distribution::constant(1));
  CHECK(share_of(leaves, ChurnKind::leave, ChurnKind::crash) == 1);
}

TEST_CASE("one node fewer, or another share of leaves, changes no other node's times") {
  auto scope = scope_of(50, 24h);
  const auto whole = by_node(alternating_churn(scope, kad_session, kad_down));
  std::swap(scope.nodes.front(), scope.nodes.back());
  scope.nodes.erase(scope.nodes.begin() + 7);
  const auto part = by_node(alternating_churn(scope, kad_session, kad_down));
  for (const auto& [node, events] : part) CHECK(events == whole.at(node));

  scope = scope_of(50, 24h, 1);
  const auto graceful = by_node(alternating_churn(scope, kad_session, kad_down));
  for (const auto& [node, events] : graceful)
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].at == whole.at(node).at(i).at);

  scope.key = 43;
  CHECK(alternating_churn(scope, kad_session, kad_down) !=
        alternating_churn(scope_of(50, 24h, 1), kad_session, kad_down));
}

TEST_CASE("arrivals are a Poisson process in the order of the nodes") {
  const ChurnScope scope = scope_of(20'000, 24h * 30);
  const auto schedule = poisson_arrivals(scope, 10s);
  CHECK(is_well_formed(schedule, scope, false));
  REQUIRE(schedule.size() == 20'000);
  std::vector<double> intervals;
  Time before = time_zero;
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    CHECK(schedule[i].node == i);
    intervals.push_back(static_cast<double>((schedule[i].at - before).count()));
    before = schedule[i].at;
  }
  CHECK(kolmogorov_smirnov(intervals, [](double x) { return 1 - std::exp(-x / 10e9); }) < kolmogorov_smirnov_limit);
}

TEST_CASE("nodes that arrive depart for good after their session, and none arrives after the end") {
  const ChurnScope scope = scope_of(5000, 1h);
  const auto schedule = poisson_arrivals(scope, 1s, Distribution::exponential(5 * minute));
  CHECK(is_well_formed(schedule, scope, false));
  for (const auto& [node, events] : by_node(schedule)) CHECK(events.size() <= 2);
  CHECK(by_node(schedule).size() == Approx(3600).epsilon(0.07));
  // Little's law: 1 arrival per second, 300 s each.
  CHECK(up_at(schedule, 0, at(50min)) == Approx(300).margin(4 * std::sqrt(300.0)));
}

TEST_CASE("a flash crowd arrives uniformly within its time") {
  auto scope = scope_of(10'000, 1h);
  scope.from = at(10min);
  const auto schedule = flash_crowd(scope, 30s);
  CHECK(is_well_formed(schedule, scope, false));
  std::vector<double> times;
  for (const ChurnEvent& event : schedule) times.push_back(static_cast<double>((event.at - scope.from).count()));
  CHECK(times.size() == 10'000);
  CHECK(kolmogorov_smirnov(times, [](double x) { return x / 30e9; }) < kolmogorov_smirnov_limit);
  for (const ChurnEvent& event : flash_crowd(scope, 0s)) REQUIRE(event.at == scope.from);
}

TEST_CASE("a trace is followed to the second") {
  AvailabilityTrace trace;
  trace.hosts = {{{0s, 10s}, {20s, 50s}}, {}, {{5s, 200s}}};
  auto scope = scope_of(3, 110s);
  scope.from = at(10s);
  scope.nodes = {4, 5, 6};
  const ChurnSchedule expected{{at(10s), 4, ChurnKind::arrive},
                               {at(15s), 6, ChurnKind::arrive},
                               {at(20s), 4, ChurnKind::crash},
                               {at(30s), 4, ChurnKind::return_},
                               {at(60s), 4, ChurnKind::crash}};
  CHECK(trace_churn(scope, trace) == expected);
  scope.nodes = {1, 2, 3, 4};
  CHECK_THROWS_AS(trace_churn(scope, trace), std::invalid_argument);
}

TEST_CASE("impossible churn is refused, and so are too many events") {
  const auto minutes = Distribution::exponential(minute);
  CHECK_THROWS_AS(alternating_churn(scope_of(2, 1h, 1.5), minutes, minutes), std::invalid_argument);
  CHECK_THROWS_AS(alternating_churn(scope_of(2, 1h), Distribution::uniform(-1, 1), minutes), std::invalid_argument);
  CHECK_THROWS_AS(
      alternating_churn(scope_of(2, 1h), Distribution::pareto(1, 1), minutes, ChurnStart::sessions_under_way),
      std::invalid_argument);
  CHECK_THROWS_AS(alternating_churn(scope_of(2, 1h), minutes, Distribution::pareto(1, 1), ChurnStart::equilibrium),
                  std::invalid_argument);
  CHECK_THROWS_AS(poisson_arrivals(scope_of(2, 1h), 0s), std::invalid_argument);
  CHECK_THROWS_AS(flash_crowd(scope_of(2, 1h), -1s), std::invalid_argument);
  auto twice = scope_of(2, 1h);
  twice.nodes = {1, 1};
  CHECK_THROWS_AS(flash_crowd(twice, 1s), std::invalid_argument);
  auto backwards = scope_of(2, 1h);
  backwards.from = at(2h);
  CHECK_THROWS_AS(flash_crowd(backwards, 1s), std::invalid_argument);
  CHECK_THROWS_AS(alternating_churn(scope_of(1, 24h), Distribution::constant(1), Distribution::constant(1)),
                  std::runtime_error);
}

}  // namespace peerbed::sim
