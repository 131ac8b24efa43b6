// What is done to nodes is weighed as a search weighs it: a run within the promises has no burden, and one that goes
// beyond them has the one that it goes beyond.

#include "scenarios/trial/burden.h"

#include "scenarios/plan/lower.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

Burden burden(const std::string& faults, const std::string& rest = "") {
  const std::string text =
      "duration: 10min\n"
      "groups: {nodes: {protocol: ring, count: 5, options: {successor_list_length: 3, replicas: 2, repair_period: 5s, "
      "stabilize_period: 2s, check_predecessor_period: 2s, rpc_timeout: 250ms, initial_timeout: 500ms}}}\n" +
      rest + "faults: [" + faults + "]\n";
  const Scenario scenario = load_scenario(parse_document(text, "t.yaml"), standard_protocols());
  return burden_of(scenario, lowered_actions(scenario), std::chrono::minutes(1));
}

constexpr const char* workload_of_puts = "workload: [{every: 10s, do: put a b}]\n";

}  // namespace

TEST_CASE("as many nodes may stop within the time to notice as the ring bears") {
  CHECK_FALSE(burden("{at: 60s, crash: 0}, {at: 61s, leave: 1}").too_many_deaths);
  CHECK(burden("{at: 60s, crash: [0, 1]}, {at: 61s, leave: 2}").too_many_deaths);
  CHECK_FALSE(burden("{at: 60s, crash: [0, 1], for: 5s}, {at: 5min, crash: 2}").too_many_deaths);
}

TEST_CASE("with values fewer nodes may stop, and one that is cut off or paused counts") {
  CHECK_FALSE(burden("{at: 60s, crash: 0}", workload_of_puts).too_many_deaths);
  CHECK(burden("{at: 60s, crash: [0, 1]}", workload_of_puts).too_many_deaths);
  CHECK(burden("{at: 60s, crash: 0}, {at: 62s, pause: 1, for: 5s}", workload_of_puts).too_many_deaths);
  CHECK(burden("{at: 60s, partition: 0, for: 5s}, {at: 61s, crash: 1}", workload_of_puts).too_many_deaths);
  CHECK_FALSE(burden("{at: 60s, pause: [0, 1], for: 5s}").too_many_deaths);
}

TEST_CASE("with values a death is noticed later where answers were waited for, or seemed to be") {
  const std::string deaths = "{at: 60s, crash: 0}, {at: 100s, crash: 1}";
  CHECK_FALSE(burden(deaths, workload_of_puts).too_many_deaths);
  CHECK(burden("{at: 30s, clock: 2, offset: -4s, for: 1s}, " + deaths, workload_of_puts).too_many_deaths);
  CHECK(burden("{at: 30s, clog: 2, against: 3, for: 4s}, " + deaths, workload_of_puts).too_many_deaths);
  CHECK(burden("{at: 30s, delay: any, from: 2, to: 3, by: 4s}, " + deaths, workload_of_puts).too_many_deaths);
  CHECK_FALSE(burden("{at: 30s, clock: 2, offset: -100ms, for: 1s}, " + deaths, workload_of_puts).too_many_deaths);
}

TEST_CASE("enough nodes must survive") {
  CHECK_FALSE(burden("{at: 60s, crash: 0}, {at: 3min, crash: 1}", workload_of_puts).too_few_survivors);
  CHECK(burden("{at: 60s, crash: 0}, {at: 3min, crash: 1}, {at: 5min, crash: 2}", workload_of_puts).too_few_survivors);
  CHECK_FALSE(burden("{at: 60s, crash: 0, for: 9s}, {at: 3min, crash: 1}, {at: 5min, crash: 2}", workload_of_puts)
                  .too_few_survivors);
}

TEST_CASE("checks that expect a ring to have mended too early are a burden") {
  CHECK_FALSE(burden("{at: 60s, crash: 0}").calm_is_too_short);
  CHECK(burden("{at: 60s, crash: 0}", "checks: {settle: 5s}\n").calm_is_too_short);
}

TEST_CASE("in the ring of the coursework a peer stays away for long enough, alone") {
  const auto coursework = [](const std::string& faults) {
    const std::string text =
        "duration: 20min\ngroups: {ring: {protocol: coursework, count: 5, options: {identifiers: [10, 60, 110, 160, "
        "210], "
        "known: 60, ping_interval: 2s}}}\nfaults: [" +
        faults + "]\n";
    const Scenario scenario = load_scenario(parse_document(text, "t.yaml"), standard_protocols());
    return burden_of(scenario, lowered_actions(scenario), std::chrono::minutes(1));
  };
  CHECK_FALSE(coursework("{at: 60s, crash: 0, for: 2min}").changes_too_close);
  CHECK(coursework("{at: 60s, crash: 0, for: 2s}").changes_too_close);
  CHECK(coursework("{at: 60s, crash: 0}, {at: 61s, crash: 3}").changes_too_close);
}

TEST_CASE("a run is within another that breaks the same promises") {
  Burden none;
  Burden deaths;
  deaths.too_many_deaths = true;
  CHECK(none.is_within(deaths));
  CHECK(deaths.is_within(deaths));
  CHECK_FALSE(deaths.is_within(none));
}
