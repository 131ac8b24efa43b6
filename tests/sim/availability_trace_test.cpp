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
  CHECK(trace.names == std::vector<std::string>{"alpha", "beta", "gamma"});
  CHECK(trace.end == 30s);
  CHECK(trace.joined == 1);
  CHECK_FALSE(trace.epoch);
}

TEST_CASE("intervals in any order, that overlap, repeat, have no length or are on several lines are put in order") {
  const TemporaryFile file("a 4 50 60 0 10 5 20 50 60\nb 1 7 7\na 1 20 21\nb 2 3 4 3 9\n");
  const AvailabilityTrace trace = load_availability_trace(file.path());
  REQUIRE(trace.hosts.size() == 2);
  CHECK(trace.hosts[0] == std::vector<UpInterval>{{0s, 21s}, {50s, 60s}});
  CHECK(trace.hosts[1] == std::vector<UpInterval>{{3s, 9s}});
  CHECK(trace.joined == 4);
  CHECK(trace.empty == 1);
}

TEST_CASE("a CSV file has an interval a line, with or without names of its columns") {
  const auto load = [](const std::string& path) { return load_availability_trace(path, {.format = TraceFormat::csv}); };
  const std::vector<std::vector<UpInterval>> expected{{{0s, 10s}, {20s, 30s}}, {{5s, 6s}}};
  for (const char* text : {"alpha,20,30\nbeta,5,6\nalpha,0,10\n",
                           "# from a crawler\nfrom,to,weight,host\n20,30,1,alpha\n5,6,1,beta\n0,10,1,alpha\n",
                           "\"host\";\"from\";\"to\"\r\n\"alpha\";20;30\r\nbeta;5;6\r\n\"alpha\";0;10\r\n",
                           "Host\tFrom\tTo\nalpha\t20,0\t30\nbeta\t5\t6,00\nalpha\t0\t10\n"}) {
    const TemporaryFile file(text);
    const AvailabilityTrace trace = load(file.path());
    CHECK(trace.names == std::vector<std::string>{"alpha", "beta"});
    CHECK(trace.hosts == expected);
  }
  CHECK_THAT(refusal("a,1\n", load), StartsWith(":1: there are fewer than three columns"));
  CHECK_THAT(refusal("a,1,2,3\n", load), StartsWith(":1: there are more than three columns"));
  CHECK_THAT(refusal("node,up,down\n", load), StartsWith(":1: no column is named host"));
  CHECK_THAT(refusal("host,from,to\na,1\n", load), StartsWith(":2: invalid row"));
  CHECK_THAT(refusal("host,from,to\na,x,2\n", load), StartsWith(":2: \"x\" is not a time"));
  CHECK_THAT(refusal("host,from,to\n", load), Contains("no hosts"));
}

TEST_CASE("an Overnet file has the results of probes, each of which holds until the next") {
  const TraceLayout layout{.format = TraceFormat::overnet};
  const auto load = [&](const std::string& path) { return load_availability_trace(path, layout); };
  const TemporaryFile file("alpha 0 1 1 0 1\nbeta 00000\ngamma 11111\n");
  const AvailabilityTrace trace = load(file.path());
  REQUIRE(trace.hosts.size() == 3);
  CHECK(trace.hosts[0] == std::vector<UpInterval>{{20min, 60min}, {80min, 100min}});
  CHECK(trace.hosts[1].empty());
  CHECK(trace.hosts[2] == std::vector<UpInterval>{{0min, 100min}});
  CHECK_THAT(refusal("a\n", load), StartsWith(":1: invalid line"));
  CHECK_THAT(refusal("a 0 2\n", load), StartsWith(":1: \"2\" is not a result"));
  CHECK_THAT(refusal("a 0\na 1\n", load), StartsWith(":2: host a is given twice"));
}

TEST_CASE("times may count from 1970 and have another unit") {
  const TemporaryFile file("a 2 1126000100 1126000200 1126000000 1126000050\nb 1 1126000300 1126000301\n");
  const AvailabilityTrace trace = load_availability_trace(file.path());
  CHECK(trace.epoch == Duration{1'126'000'000s});
  CHECK(trace.hosts[0] == std::vector<UpInterval>{{0s, 50s}, {100s, 200s}});
  CHECK(trace.hosts[1] == std::vector<UpInterval>{{300s, 301s}});
  CHECK(trace.end == 301s);
  const TemporaryFile minutes("a 1 1.5 4\n");
  CHECK(load_availability_trace(minutes.path(), {.unit = 1min}).hosts[0] == std::vector<UpInterval>{{90s, 240s}});
}

TEST_CASE("an excerpt of a trace begins anew, and its times can be scaled") {
  AvailabilityTrace trace;
  trace.names = {"a", "b"};
  trace.hosts = {{{0s, 10s}, {20s, 50s}, {60s, 70s}}, {{5s, 8s}}};
  const AvailabilityTrace part = excerpt_of(trace, 5s, 65s);
  CHECK(part.names == trace.names);
  CHECK(part.hosts[0] == std::vector<UpInterval>{{0s, 5s}, {15s, 45s}, {55s, 60s}});
  CHECK(part.hosts[1] == std::vector<UpInterval>{{0s, 3s}});
  CHECK(part.end == 60s);
  const AvailabilityTrace fast = excerpt_of(trace, 20s, 70s, 0.1);
  CHECK(fast.hosts[0] == std::vector<UpInterval>{{0s, 3s}, {4s, 5s}});
  CHECK(fast.hosts[1].empty());
  // Down times that a scale makes shorter than a nanosecond are none.
  trace.hosts = {{{0s, 10s}, {10s + Duration{1}, 20s}}};
  CHECK(excerpt_of(trace, 0s, 20s, 1e-6).hosts[0] == std::vector<UpInterval>{{0s, 20us}});
  CHECK_THROWS_AS(excerpt_of(trace, 5s, 5s), std::invalid_argument);
  CHECK_THROWS_AS(excerpt_of(trace, 0s, 5s, 0), std::invalid_argument);
}

TEST_CASE("an invalid trace is refused with its line") {
  const auto load = [](const std::string& path) { return load_availability_trace(path); };
  CHECK_THAT(refusal("", load), Contains("no hosts"));
  CHECK_THAT(refusal("a 1 0 1\nb\n", load), StartsWith(":2: invalid line"));
  CHECK_THAT(refusal("a x 0 1\n", load), StartsWith(":1: invalid line"));
  CHECK_THAT(refusal("a 2 0 1 2\n", load), StartsWith(":1: there are 3 times where 2 intervals"));
  CHECK_THAT(refusal("a 18446744073709551615\n", load), StartsWith(":1: there are 0 times"));
  CHECK_THAT(refusal("a 9223372036854775808\n", load), StartsWith(":1: there are 0 times"));
  CHECK_THAT(refusal("a 1 6 5\n", load), StartsWith(":1: an interval ends before its start"));
  CHECK_THAT(refusal("a 1 0 nan\n", load), StartsWith(":1: \"nan\" is not a time"));
  CHECK_THAT(refusal("a 1 -1 3\n", load), StartsWith(":1: \"-1\" is not a time"));
  CHECK_THAT(refusal("a 1 0 1e10\n", load), StartsWith(":1: \"1e10\" is not a time"));
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
