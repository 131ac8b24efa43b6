#include "sim/random/availability_trace.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sim/random/churn.h"
#include "tests/catch.h"
#include "tests/sim/temporary_file.h"

namespace peerbed::sim {

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

// The maximum-likelihood fit of a Weibull distribution: its shape, by bisection, and its scale.
struct WeibullFit {
  double shape = 0;
  double scale = 0;

  explicit WeibullFit(const std::vector<double>& samples) {
    const auto count = static_cast<double>(samples.size());
    double mean_log = 0;
    for (const double x : samples) mean_log += std::log(x) / count;
    double low = 0.05;
    double high = 20;
    for (int i = 0; i < 60; ++i) {
      shape = (low + high) / 2;
      double powers = 0;
      double weighted = 0;
      for (const double x : samples) {
        const double power = std::pow(x, shape);
        powers += power;
        weighted += power * std::log(x);
      }
      scale = std::pow(powers / count, 1 / shape);
      (weighted / powers - mean_log > 1 / shape ? high : low) = shape;
    }
  }
};

}  // namespace

TEST_CASE("an availability trace is read, and touching intervals are joined") {
  const TemporaryFile file("# hosts\nalpha\t2\t 0 10.5 20 30\r\n\nbeta\t3\t5 6 6 7 8 9\ngamma 0\n");
  const AvailabilityTrace trace = load_availability_trace(file.path());
  REQUIRE(trace.hosts.size() == 3);
  CHECK(trace.hosts[0] == std::vector<UpInterval>{{0s, 10'500ms}, {20s, 30s}});
  CHECK(trace.hosts[1] == std::vector<UpInterval>{{5s, 7s}, {8s, 9s}});
  CHECK(trace.hosts[2].empty());
}

TEST_CASE("an invalid trace is refused with its line") {
  const auto load = [](const std::string& path) { return load_availability_trace(path); };
  CHECK_THAT(refusal("", load), Contains("no hosts"));
  CHECK_THAT(refusal("a 1 0 1\nb\n", load), StartsWith(":2: invalid line"));
  CHECK_THAT(refusal("a x 0 1\n", load), StartsWith(":1: invalid line"));
  CHECK_THAT(refusal("a 2 0 1 2\n", load), StartsWith(":1: there are 3 times where 2 intervals"));
  CHECK_THAT(refusal("a 18446744073709551615\n", load), StartsWith(":1: there are 0 times"));
  CHECK_THAT(refusal("a 9223372036854775808\n", load), StartsWith(":1: there are 0 times"));
  CHECK_THAT(refusal("a 1 5 5\n", load), StartsWith(":1: an interval ends at or before"));
  CHECK_THAT(refusal("a 2 5 9 8 10\n", load), StartsWith(":1: an interval starts before"));
  CHECK_THAT(refusal("a 1 0 nan\n", load), StartsWith(":1: \"nan\" is not a time"));
  CHECK_THAT(refusal("a 1 -1 3\n", load), StartsWith(":1: \"-1\" is not a time"));
  CHECK_THAT(refusal("a 1 0 1e10\n", load), StartsWith(":1: \"1e10\" is not a time"));
  CHECK_THAT(refusal("a 1 0 1\na 1 0 1\n", load), StartsWith(":2: host a is given twice"));
}

TEST_CASE("the Skype trace has its known hosts, sessions and availability") {
  const auto path = data_set("churn/SKYPE.avt");
  if (!path) {
    WARN("skipped: PEERBED_DATA names no folder of data sets");
    return;
  }
  const AvailabilityTrace trace = load_availability_trace(*path);
  CHECK(trace.hosts.size() == 2081);
  std::vector<double> minutes;
  Duration end{};
  for (const auto& host : trace.hosts)
    for (const UpInterval& interval : host) {
      minutes.push_back(static_cast<double>((interval.end - interval.start).count()) / 60e9);
      end = std::max(end, interval.end);
    }
  CHECK(minutes.size() == 29'217);
  CHECK(end / 1s == Approx(28.7 * 86'400).epsilon(0.001));
  double total = 0;
  for (const double session : minutes) total += session;
  CHECK(total * 60 / (static_cast<double>(end / 1s) * 2081) == Approx(0.33).margin(0.005));
  std::sort(minutes.begin(), minutes.end());
  CHECK(minutes[minutes.size() / 2] / 60 == Approx(5.1).margin(0.05));
  const WeibullFit fit(minutes);
  CHECK(fit.shape == Approx(0.644).margin(0.0005));
  CHECK(fit.scale == Approx(652).margin(0.5));
}

TEST_CASE("the Skype trace becomes a schedule with an event for each end within its time") {
  const auto path = data_set("churn/SKYPE.avt");
  if (!path) {
    WARN("skipped: PEERBED_DATA names no folder of data sets");
    return;
  }
  const AvailabilityTrace trace = load_availability_trace(*path);
  ChurnScope scope;
  scope.until = time_zero + 24h * 7;
  std::size_t expected = 0;
  for (NodeIndex node = 0; node < trace.hosts.size(); ++node) {
    scope.nodes.push_back(node);
    for (const UpInterval& interval : trace.hosts[node])
      expected += (interval.start < 24h * 7 ? 1U : 0U) + (interval.end < 24h * 7 ? 1U : 0U);
  }
  CHECK(trace_churn(scope, trace).size() == expected);
}

}  // namespace peerbed::sim
