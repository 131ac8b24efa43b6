// Churn as a scenario describes it: which nodes come and go, and when.

#include <filesystem>
#include <fstream>

#include "scenarios/plan/lower.h"
#include "tests/catch.h"
#include "tests/scenarios/probe.h"

using namespace peerbed;
using namespace peerbed::tests;

namespace {

// The churn of 200 nodes that are down at the start.
std::vector<scenarios::ScheduledAction> churn_of(const std::string& churn, const std::string& start = "never") {
  return lowered_actions(load_probes("duration: 1000s\ngroups: {a: {protocol: probe, count: 200, start: " + start +
                                     "}}\nchurn: [" + churn + "]\n"));
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

template <class Action>
std::size_t count_of(const std::vector<scenarios::ScheduledAction>& actions) {
  return static_cast<std::size_t>(std::count_if(
      actions.begin(), actions.end(),
      [](const scenarios::ScheduledAction& scheduled) { return std::holds_alternative<Action>(scheduled.action); }));
}

}  // namespace

TEST_CASE("nodes come and go as the hosts of a trace file did") {
  const std::string file = (std::filesystem::temp_directory_path() / "peerbed_churn_test.avt").string();
  std::ofstream(file) << "# two hosts\n0\t2\t1 3 5 6.5\n1\t1\t2 9999\n";
  const scenarios::Scenario scenario = load_probes(
      "duration: 10s\nshow_lines: true\ngroups: {a: {protocol: probe, count: 2, start: never}}\n"
      "churn: [{trace: a, file: '" +
      file + "', graceful: 100%}]\n");
  std::filesystem::remove(file);
  Lines lines;
  for (const scenarios::PrintedLine& line : run_scenario(scenario).lines)
    if (line.text.front() != '(')
      lines.push_back(scenarios::show_moment(line.at) + " " + scenario.name_of(line.node) + " " + line.text);
  CHECK(lines == Lines{"0:01.000 a.0 starts with 0 stored", "0:02.000 a.1 starts with 0 stored", "0:03.000 a.0 leaves",
                       "0:05.000 a.0 starts with 0 stored", "0:06.500 a.0 leaves"});
}

TEST_CASE("arrivals are a Poisson process of the given rate, one per node, and stay if there is no session") {
  const auto actions = churn_of("{arrivals: a, rate: 2/s, from: 100s}");
  REQUIRE(actions.size() == 200);
  CHECK(count_of<scenarios::StartNodes>(actions) == 200);
  CHECK(actions.front().at > std::chrono::seconds(100));
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 1; i < actions.size(); ++i) {
    const double gap = seconds(actions[i].at - actions[i - 1].at);
    sum += gap;
    squares += gap * gap;
  }
  const double mean = sum / 199;
  CHECK(mean == Approx(0.5).margin(0.12));
  // The deviation of an exponential interval is its mean; that of a constant one would be 0.
  CHECK(std::sqrt(squares / 199 - mean * mean) == Approx(0.5).margin(0.2));
}

TEST_CASE("arrivals with a session depart after it, gracefully as often as requested") {
  const auto actions = churn_of("{arrivals: a, rate: 2/s, session: 30s, graceful: 50%}");
  CHECK(count_of<scenarios::StartNodes>(actions) == 200);
  CHECK(count_of<scenarios::LeaveNodes>(actions) == Approx(100).margin(35));
  CHECK(count_of<scenarios::LeaveNodes>(actions) + count_of<scenarios::CrashNodes>(actions) == 200);
}

TEST_CASE("a flash crowd arrives within its time, spread over all of it") {
  const auto actions = churn_of("{flash_crowd: a, from: 50s, within: 20s}");
  REQUIRE(actions.size() == 200);
  CHECK(seconds(actions.front().at) == Approx(50).margin(1));
  CHECK(seconds(actions.back().at) == Approx(70).margin(1));
  CHECK(actions.back().at <= std::chrono::seconds(70));
  CHECK(seconds(actions[100].at) == Approx(60).margin(3));
}

TEST_CASE("sessions begin fresh, under way or in equilibrium, and end by the churn's end") {
  const std::string times = "session: {exponential: 300s}, down: {exponential: 100s}, until: 500s";
  const auto fresh = churn_of("{nodes: a, " + times + "}", "converged");
  CHECK(count_of<scenarios::CrashNodes>(fresh) > 150);
  CHECK(fresh.back().at <= std::chrono::seconds(500));
  // With constant sessions, all would end at once if they were not under way.
  const auto all_at_once = churn_of("{nodes: a, session: 300s, down: 100s, until: 350s}", "converged");
  CHECK(all_at_once.size() == 200);
  CHECK(all_at_once.front().at == all_at_once.back().at);
  const auto under_way = churn_of("{nodes: a, session: 300s, down: 100s, until: 300s, begin: under_way}", "converged");
  CHECK(seconds(under_way.front().at) < 10);
  const auto equilibrium = churn_of("{nodes: a, " + times + ", begin: equilibrium}");
  const auto at_once =
      std::count_if(equilibrium.begin(), equilibrium.end(),
                    [](const scenarios::ScheduledAction& scheduled) { return scheduled.at == Duration::zero(); });
  CHECK(at_once == Approx(150).margin(25));  // sessions take 300 of 400 seconds
}

TEST_CASE("churn does to a disk what the scenario says") {
  const auto disk_of_first = [](const std::string& more) {
    const auto actions = churn_of("{nodes: a, session: 10s, down: 1s" + more + "}", "converged");
    return std::get<scenarios::CrashNodes>(actions.front().action).disk;
  };
  CHECK(disk_of_first("") == Disk::keep);
  CHECK(disk_of_first(", disk: wipe") == Disk::wipe);
}
