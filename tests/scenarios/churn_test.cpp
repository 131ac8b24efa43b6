// Churn as a scenario describes it: which nodes come and go, and when.

#include <filesystem>
#include <fstream>
#include <set>

#include "scenarios/backends/backend.h"
#include "scenarios/plan/lower.h"
#include "tests/catch.h"
#include "tests/scenarios/probe.h"

using namespace peerbed;
using namespace peerbed::tests;
using namespace std::chrono_literals;

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

namespace {

// A trace file, and churn by it.
class Trace {
 public:
  explicit Trace(const std::string& text) { std::ofstream(path_) << text; }
  ~Trace() { std::filesystem::remove(path_); }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  std::string churn(const std::string& more = "", const std::string& nodes = "a") const {
    return "{trace: " + nodes + ", file: '" + path_ + "'" + more + "}";
  }
  // A scenario of one group that follows it.
  std::string scenario(std::size_t count, const std::string& more = "", const std::string& group = "protocol: probe",
                       const std::string& duration = "600s") const {
    return "duration: " + duration + "\ngroups: {a: {" + group + ", count: " + std::to_string(count) + "}}\nchurn: [" +
           churn(more) + "]\n";
  }

 private:
  std::string path_ = (std::filesystem::temp_directory_path() / "peerbed_churn_trace.avt").string();
};

// Which nodes a scenario has up at a time, by its starts and its schedule.
std::string up_at(const scenarios::Scenario& scenario, Duration time) {
  std::string up(scenario.node_count(), '-');
  auto actions = scenarios::group_starts(scenario);
  for (const auto& scheduled : lowered_actions(scenario)) actions.push_back(scheduled);
  for (const auto& [at, action] : actions) {
    if (at > time) continue;
    if (const auto* starts = std::get_if<scenarios::StartNodes>(&action))
      for (const NodeIndex node : starts->nodes) up[node] = '#';
    if (const auto* crash = std::get_if<scenarios::CrashNodes>(&action))
      for (const NodeIndex node : crash->nodes) up[node] = '-';
  }
  return up;
}

std::string complaint(const std::string& text) {
  try {
    load_probes(text);
    return {};
  } catch (const scenarios::ScenarioError& error) {
    return error.what();
  }
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the i-th node is up exactly when the i-th host was, at time 0 too, however its group starts") {
  const Trace trace("a 1 50 100\nb 1 0 600\nc 0\nd 2 0 1 300 400\ne 1 3600 7200\n");
  for (const char* start : {"", ", start: never"}) {
    const auto scenario = load_probes(trace.scenario(5, "", std::string("protocol: probe") + start));
    CHECK(up_at(scenario, 0s) == "-#-#-");
    CHECK(up_at(scenario, 1s) == "-#---");
    CHECK(up_at(scenario, 50s) == "##---");
    CHECK(up_at(scenario, 99s) == "##---");
    CHECK(up_at(scenario, 100s) == "-#---");
    CHECK(up_at(scenario, 300s) == "-#-#-");
    CHECK(up_at(scenario, 599s) == "-#---");
  }
}

TEST_CASE("before a trace begins, nodes that run from the beginning are as at its first instant") {
  const Trace trace("a 1 50 100\nb 1 0 60\n");
  const auto scenario = load_probes(trace.scenario(2, ", from: 100s"));
  CHECK(up_at(scenario, 0s) == "-#");
  CHECK(up_at(scenario, 149s) == "-#");
  CHECK(up_at(scenario, 150s) == "##");
  CHECK(up_at(scenario, 160s) == "#-");
  const auto never = load_probes(trace.scenario(2, ", from: 100s", "protocol: probe, start: never"));
  CHECK(up_at(never, 99s) == "--");
  CHECK(up_at(never, 100s) == "-#");
}

TEST_CASE("a window, a time scale and a choice of hosts pick the part of a trace that is followed") {
  const Trace trace("a 1 50 100\nb 1 0 60\nc 1 1000 2000\nd 1 40 80\n");
  const auto up = [&](std::size_t count, const std::string& more, Duration time) {
    return up_at(load_probes(trace.scenario(count, more)), time);
  };
  CHECK(up(2, ", window: {from: 55s}", 0s) == "##");
  CHECK(up(2, ", window: {from: 55s}", 5s) == "#-");
  // The state at the window's end stays.
  CHECK(up(2, ", window: {from: 55s, until: 65s}", 500s) == "#-");
  CHECK(up(2, ", time_scale: 2", 99s) == "-#");
  CHECK(up(2, ", time_scale: 2", 100s) == "##");
  CHECK(up(2, ", unit: 1min, time_scale: 0.1", 299s) == "-#");
  CHECK(up(2, ", unit: 1min, time_scale: 0.1", 300s) == "##");
  CHECK(up(2, ", hosts: [d, b]", 45s) == "##");
  CHECK(up(2, ", hosts: [c, d], from: 1s", 45s) == "-#");
  CHECK(up(3, ", active: true", 55s) == "###");
  const auto drawn = [&](const std::string& seed) {
    return up_at(load_probes("seed: " + seed + "\n" + trace.scenario(1, ", hosts: random, active: true")), 45s);
  };
  std::set<std::string> seen;
  for (int seed = 0; seed < 20; ++seed) seen.insert(drawn(std::to_string(seed)));
  CHECK(seen == std::set<std::string>{"#", "-"});
  CHECK(drawn("7") == drawn("7"));
}

TEST_CASE("a trace that a scenario cannot follow is refused, and what it may not expect is remarked on") {
  const Trace trace("alpha 3 50 100 60 70 8 8\nbeta 1 0 60\ngamma 1 1000 2000\n");
  const auto refused = [&](std::size_t count, const std::string& more) {
    return complaint(trace.scenario(count, more));
  };
  CHECK(has(refused(4, ""), "churn.0.trace: there are 4 nodes, but only 3 hosts in the trace; use fewer nodes"));
  CHECK(has(refused(3, ", active: true"), "there are 3 nodes, but only 2 hosts up at some time of the run"));
  CHECK(has(refused(1, ", hosts: [gamma]"), "churn.0.trace: none of these hosts is up in the part of the trace"));
  CHECK(has(refused(1, ", hosts: [alhpa]"), "the trace has no host 'alhpa'; did you mean 'alpha'?"));
  CHECK(has(refused(2, ", hosts: [alpha]"), "these are 1 host for 2 nodes; name one for each node"));
  CHECK(has(refused(1, ", hosts: [alpha], active: true"), "churn.0.active: the hosts are named one by one"));
  CHECK(has(refused(1, ", window: {from: 1h}"), "churn.0.window: the window begins after the end of the trace"));
  CHECK(has(refused(1, ", window: {from: 9s, until: 9s}"), "churn.0.window: the window ends before it begins"));
  CHECK(has(refused(1, ", period: 1min"), "churn.0.period: only an Overnet trace has probes"));
  CHECK(has(refused(1, ", format: overnet, unit: 1min"), "churn.0.unit: the probes of an Overnet trace have no times"));
  CHECK(has(complaint("duration: 9s\ngroups: {a: {protocol: probe, count: 1}}\nchurn: [" + trace.churn() + ", " +
                      trace.churn() + "]\n"),
            "churn.1: an entry above already says when 'a.0' is up"));
  CHECK(has(complaint(trace.scenario(2, "", "protocol: probe, start: {converged: [0]}")),
            "group 'a' names the nodes that run from the beginning, but churn says so too"));
  const auto remarks = load_probes(trace.scenario(2, "", "protocol: probe", "1h")).remarks;
  REQUIRE(remarks.size() == 3);
  CHECK(has(remarks[0], "1 session that overlapped or met an earlier one of the same host joined it"));
  CHECK(has(remarks[1], "1 session of no length left out"));
  CHECK(has(remarks[2], "the trace ends at 33min20s of the run; from then on its nodes are down"));
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

TEST_CASE("in equilibrium, a converged group has its share of nodes up from the beginning") {
  for (const int seed : {1, 2, 3}) {
    const auto scenario =
        load_probes("seed: " + std::to_string(seed) +
                    "\nduration: 1000s\ngroups: {a: {protocol: probe, count: 301}, b: {protocol: probe, count: 4}}\n"
                    "churn: [{nodes: a, session: {weibull: {shape: 0.615, scale: 169.5min}}, "
                    "down: {weibull: {shape: 0.476, scale: 413.7min}}, begin: equilibrium, from: 10s}]\n");
    const std::string up = up_at(scenario, 0s);
    CHECK(std::count(up.begin(), up.end() - 4, '#') == Approx(65).margin(30));
    CHECK(up.substr(301) == "####");
    CHECK(up_at(scenario, 9s) == up);
    const auto never = load_probes(
        "seed: " + std::to_string(seed) +
        "\nduration: 1000s\ngroups: {a: {protocol: probe, count: 301, start: never}, b: {protocol: probe, count: 4}}\n"
        "churn: [{nodes: a, session: {weibull: {shape: 0.615, scale: 169.5min}}, "
        "down: {weibull: {shape: 0.476, scale: 413.7min}}, begin: equilibrium, from: 10s}]\n");
    for (const Duration time : {Duration{10s}, Duration{500s}, Duration{999s}})
      CHECK(up_at(scenario, time) == up_at(never, time));
  }
}

TEST_CASE("churn does to a disk what the scenario says") {
  const auto disk_of_first = [](const std::string& more) {
    const auto actions = churn_of("{nodes: a, session: 10s, down: 1s" + more + "}", "converged");
    return std::get<scenarios::CrashNodes>(actions.front().action).disk;
  };
  CHECK(disk_of_first("") == Disk::keep);
  CHECK(disk_of_first(", disk: wipe") == Disk::wipe);
}
