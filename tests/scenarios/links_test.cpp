// Links as a scenario describes them: rates that faults change, disciplines, loss and jitter, and cross traffic.

#include <algorithm>
#include <cmath>

#include "scenarios/backends/cross_traffic.h"
#include "scenarios/plan/lower.h"
#include "scenarios/record/run_recorder.h"
#include "tests/catch.h"
#include "tests/scenarios/probe.h"
#include "tests/scenarios/scenario_files.h"
#include "tests/sim/streamer.h"

using namespace peerbed;
using namespace peerbed::tests;
using Catch::Matchers::Contains;

namespace {

constexpr double question_bits = 38 * 8;  // with headers

// Two probes, of which node 0 asks node 1 a thousand times a second for 60 s, through a link to be given.
class Asking {
 public:
  Asking(const std::string& network, const std::string& links, const std::string& faults,
         const std::string& source = "t.yaml")
      : scenario_(load_probes("duration: 60s\nnetwork: {" + network + "}\ngroups: {a: {protocol: probe, count: 2" +
                                  links + "}}\nworkload: [{every: 1ms, node: 0, do: ask 1}]\nfaults: [" + faults +
                                  "]\n",
                              source)),
        result_(run_scenario(scenario_, observed_by(heard_))) {}

  // Bits a second that arrive from one second of the run to another.
  double rate(int from, int until) const {
    const auto place_of = [&](int second) {
      return std::lower_bound(heard_.times.begin(), heard_.times.end(), time_zero + std::chrono::seconds(second));
    };
    return static_cast<double>(place_of(until) - place_of(from)) * question_bits / (until - from);
  }
  const scenarios::Scenario& scenario() const { return scenario_; }
  const scenarios::RunResult& result() const { return result_; }

 private:
  struct Heard final : Observer {
    void on_line(Time time, NodeIndex, std::string_view line) override {
      if (line == "hears 0") times.push_back(time);
    }
    std::vector<Time> times;
  };
  static scenarios::RunOptions observed_by(Heard& heard) {
    scenarios::RunOptions options;
    options.observers.push_back(&heard);
    return options;
  }

  scenarios::Scenario scenario_;
  Heard heard_;
  scenarios::RunResult result_;
};

bool is_near(double value, double expected) { return std::abs(value - expected) <= 0.01 * expected; }

std::string complaint(const std::string& text, const std::string& source = "t.yaml") {
  try {
    load_probes(text, source);
  } catch (const scenarios::ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a fault changes the rate of links for a while, to one percent") {
  const std::string faults = "{at: 20s, rate: 0, to: 20kbit/s, for: 20s}";
  for (const char* links :
       {", uplink: {rate: 100kbit/s, queue: 8KiB}", ", uplink: {rate: {0s: 100kbit/s}, queue: 8KiB}"}) {
    const Asking asking("latency: 10ms", links, faults);
    CAPTURE(links, asking.rate(5, 20), asking.rate(20, 40), asking.rate(40, 60));
    CHECK(is_near(asking.rate(5, 20), 100e3));
    CHECK(is_near(asking.rate(20, 40), 20e3));
    CHECK(is_near(asking.rate(40, 60), 100e3));
    CHECK(asking.result().metrics.find("faults.rate_changes")->value == 2);
  }
  const Asking unlimited("latency: 10ms", "", faults);
  CHECK(is_near(unlimited.rate(5, 20), 1000 * question_bits));
  CHECK(is_near(unlimited.rate(21, 40), 20e3));
  CHECK(is_near(unlimited.rate(45, 60), 1000 * question_bits));
}

TEST_CASE("what waits in a queue leaves at the rate that a fault sets") {
  // At 1 kbit/s, the full queue would take 64 s.
  const Asking asking("latency: 10ms", ", uplink: {rate: 1kbit/s, queue: 8KiB}", "{at: 20s, rate: 0, to: 100kbit/s}");
  CHECK(asking.rate(10, 20) == Approx(1e3).epsilon(0.04));  // 33 questions
  CHECK(is_near(asking.rate(20, 60), 100e3));
}

TEST_CASE("a fault changes one direction, a schedule goes on beneath it, and it can be restored") {
  const std::string both = ", uplink: 100kbit/s, downlink: 100kbit/s";
  CHECK(is_near(Asking("latency: 10ms", both, "{at: 20s, rate: 1, to: 10kbit/s, link: downlink}").rate(25, 60), 10e3));
  CHECK(is_near(Asking("latency: 10ms", both, "{at: 20s, rate: 1, to: 10kbit/s, link: uplink}").rate(25, 60), 100e3));
  const Asking scheduled("latency: 10ms", ", uplink: {rate: {0s: 100kbit/s, 30s: 50kbit/s}, queue: 4KiB}",
                         "{at: 10s, rate: a, to: 10kbit/s}, {at: 40s, rate: all, to: restored}");
  CHECK(is_near(scheduled.rate(1, 10), 100e3));
  CHECK(is_near(scheduled.rate(10, 40), 10e3));
  CHECK(is_near(scheduled.rate(40, 60), 50e3));
}

TEST_CASE("a fault changes the rate of a topology's link") {
  const ScenarioFiles files;
  files.write("net.gml",
              "graph [ node [ id 0 label \"Oslo\" ] node [ id 1 label \"Bergen\" ] node [ id 2 label \"Rome\" ] "
              "edge [ source 0 target 1 w 10 ] edge [ source 1 target 2 w 10 ] ]");
  const auto network = [](const char* more) {
    return "latency: {topology: {file: net.gml, latency_attribute: w" + std::string(more) + "}}";
  };
  const char* limited = ", link: {rate: 100kbit/s, queue: 4KiB}";
  const std::string ends = ", sites: [Oslo, Rome]";
  const std::string fault = "{at: 20s, rate: {between: [Bergen, Rome]}, to: 20kbit/s, for: 20s}";
  const Asking asking(network(limited), ends, fault, files.scenario());
  CHECK(is_near(asking.rate(5, 20), 100e3));
  CHECK(is_near(asking.rate(20, 40), 20e3));
  CHECK(is_near(asking.rate(40, 60), 100e3));
  CHECK(asking.result().metrics.find("faults.link_changes")->value == 2);
  const Asking unlimited(network(""), ends, fault, files.scenario());
  CHECK(is_near(unlimited.rate(5, 20), 1000 * question_bits));
  CHECK(is_near(unlimited.rate(21, 40), 20e3));
  CHECK(is_near(unlimited.rate(45, 60), 1000 * question_bits));
  const std::string back = "{at: 20s, rate: {between: [Rome, Bergen]}, one_way: true, to: 20kbit/s}";
  CHECK(is_near(Asking(network(limited), ends, back, files.scenario()).rate(20, 60), 100e3));
  // Written out, the faults do the same.
  const std::string lowered = resolved_scenario(asking.scenario(), lowered_actions(asking.scenario()));
  CHECK(run_scenario(load_probes(lowered, files.scenario())).digest == asking.result().digest);
  const auto with = [&](const std::string& faults) {
    return complaint("duration: 60s\nnetwork: {" + network("") +
                         "}\ngroups: {a: {protocol: probe, count: 2}}\nfaults: [" + faults + "]\n",
                     files.scenario());
  };
  CHECK_THAT(
      with("{at: 1s, rate: {between: [Oslo, Rome]}, to: 1kbit/s}"),
      Contains("rate.between: the topology has no link from 'Oslo' to 'Rome'; name two sites that a link joins"));
  CHECK_THAT(with("{at: 1s, rate: {between: [Oslo, Bergem]}, to: 1kbit/s}"), Contains("did you mean 'Bergen'?"));
  CHECK_THAT(with("{at: 1s, rate: {between: [Oslo]}, to: 1kbit/s}"), Contains("expected two sites that a link joins"));
  CHECK_THAT(with("{at: 1s, rate: {between: [Oslo, Bergen]}, to: restored}"), Contains("this link has its usual rate"));
}

TEST_CASE("a change of rates that has no effect is refused") {
  const auto with = [](const std::string& faults, const std::string& start = "converged") {
    return complaint("duration: 60s\ngroups: {a: {protocol: probe, count: 2, uplink: 1Mbit/s, start: " + start +
                     "}, b: {protocol: probe, count: 1}}\nfaults: [" + faults + "]\n");
  };
  CHECK(with("{at: 1s, rate: a, to: 2Mbit/s, for: 5s}, {at: 9s, rate: a.0, to: 1Mbit/s}").empty());
  CHECK_THAT(with("{at: 9s, rate: a, to: restored}"),
             Contains("faults.0.rate: the links of these nodes have their usual rates at 9s; remove this"));
  CHECK_THAT(with("{at: 9s, rate: a, link: uplink, to: 1Mbit/s}"),
             Contains("faults.0.rate: the links of these nodes have this rate already at 9s"));
  CHECK(with("{at: 2s, rate: a, to: 2Mbit/s}, {at: 9s, rate: a, link: uplink, to: 1Mbit/s}").empty());
  CHECK_THAT(with("{at: 9s, rate: a}"), Contains("'to'"));
  CHECK_THAT(with("{at: 9s, rate: a, to: fast}"), Contains("faults.0.to: expected"));
  CHECK_THAT(with("{at: 9s, rate: a, to: restored, for: 5s}"), Contains("`for` is not allowed here"));
}

TEST_CASE("links have disciplines, loss and jitter as the scenario says") {
  const std::string base = ", uplink: {rate: 100kbit/s, queue: 2MiB";
  const std::string none;
  const Asking tail("latency: 10ms", base + "}", none);
  const Asking codel("latency: 10ms", base + ", discipline: codel}", none);
  CHECK(is_near(tail.rate(5, 60), 100e3));
  CHECK(is_near(codel.rate(5, 60), 100e3));
  CHECK(tail.result().metrics.find("messages.dropped_queue")->value == 0);  // all that is too much waits
  CHECK(codel.result().metrics.find("messages.dropped_queue")->value > 1000);
  const Asking lossy("latency: 10ms", ", downlink: {loss: 25%, jitter: 3ms}", none);
  CHECK(std::abs(lossy.rate(5, 60) - 0.75 * 1000 * question_bits) < 0.02 * 1000 * question_bits);
  for (const char* discipline :
       {"red", "fq_codel", "{red: {minimum: 8KiB, maximum: 24KiB, probability: 10%, weight: 0.01}}",
        "{codel: {target: 1ms, interval: 20ms, ecn: true}}", "{fq_codel: {flows: 16, quantum: 300B}}"}) {
    CAPTURE(discipline);
    CHECK(is_near(Asking("latency: 10ms", base + ", discipline: " + discipline + "}", none).rate(5, 60), 100e3));
  }
  const auto with = [](const std::string& link) {
    return complaint("duration: 60s\ngroups: {a: {protocol: probe, count: 2, uplink: " + link + "}}\n");
  };
  CHECK_THAT(with("{rate: 1Mbit/s, discipline: fifo}"), Contains("a.uplink.discipline"));
  CHECK_THAT(with("{loss: 1%, discipline: codel}"), Contains("only a link with a rate has a queue"));
  CHECK_THAT(with("{loss: 1%, queue: 64KiB}"), Contains("only a link with a rate has a queue"));
  CHECK_THAT(with("{rate: 1Mbit/s, discipline: {red: {minimum: 8KiB}}}"), Contains("give both `minimum` and a larger"));
  CHECK_THAT(with("{queue: 64KiB}"), Contains("'rate'"));
}

TEST_CASE("a managed up-link, link and down-link can follow one another") {
  const ScenarioFiles files;
  files.write("net.gml",
              "graph [ node [ id 0 up \"200 kbit\" ] node [ id 1 down \"90 kbit\" ] "
              "edge [ source 0 target 1 w 10 r \"150 kbit\" q codel ] ]");
  const Asking asking(
      "latency: {topology: {file: net.gml, latency_attribute: w, rate_attribute: r, discipline_attribute: q}}",
      ", sites: [0, 1], uplink: {rate: 200kbit/s, discipline: fq_codel}, downlink: {rate: 90kbit/s, discipline: codel}",
      "", files.scenario());
  CHECK(is_near(asking.rate(5, 60), 90e3));
  const Asking by_attributes(
      "latency: {topology: {file: net.gml, latency_attribute: w, uplink_attribute: up, "
      "downlink_attribute: down}}",
      "", "", files.scenario());
  CHECK(is_near(by_attributes.rate(5, 60), 90e3));
}

TEST_CASE("cross traffic takes its rate from a link, and the rest is for packets") {
  const std::string uplink = ", uplink: {rate: 100kbit/s, queue: 4KiB}";
  const auto beside = [&](const std::string& traffic) { return "latency: 10ms, cross_traffic: [" + traffic + "]"; };
  const Asking constant(beside("{uplink: 0, rate: 60kbit/s, from: 10s, until: 40s}"), uplink, "");
  CHECK(is_near(constant.rate(1, 10), 100e3));
  CHECK(is_near(constant.rate(10, 40), 40e3));
  CHECK(is_near(constant.rate(40, 60), 100e3));
  CHECK(constant.result().metrics.find("cross_traffic.bytes")->value == Approx(60e3 / 8 * 30));
  CHECK(constant.result().metrics.find("cross_traffic.excess")->value == 0);
  // Two flows are too many for the link by 20 kbit/s; a hundredth of its rate is left.
  const Asking full(beside("{uplink: a, rate: 60kbit/s, sources: 2}"), uplink, "");
  CHECK(full.rate(20, 60) == Approx(1e3).epsilon(0.05));
  CHECK(full.result().metrics.find("cross_traffic.excess")->value == Approx(2 * 20e3 / 8 * 60));
  // A fault and a schedule beneath it.
  const Asking mixed(beside("{uplink: 0, rate: 5kbit/s}"),
                     ", uplink: {rate: {0s: 100kbit/s, 40s: 50kbit/s}, queue: 4KiB}",
                     "{at: 10s, rate: 0, to: 20kbit/s, for: 10s}");
  CHECK(is_near(mixed.rate(1, 10), 95e3));
  CHECK(is_near(mixed.rate(10, 20), 15e3));
  CHECK(is_near(mixed.rate(20, 40), 95e3));
  CHECK(is_near(mixed.rate(40, 60), 45e3));
}

TEST_CASE("cross traffic that comes and goes leaves on average what it does not take") {
  const std::string uplink = ", uplink: {rate: 200kbit/s, queue: 4KiB}";
  const auto beside = [&](const std::string& traffic) { return "latency: 10ms, cross_traffic: [" + traffic + "]"; };
  const Asking on_off(
      beside("{uplink: 0, rate: 1kbit/s, sources: 200, on: {exponential: 500ms}, off: {exponential: 500ms}}"), uplink,
      "");
  CHECK(on_off.rate(1, 60) == Approx(100e3).epsilon(0.05));
  // 20 transfers of 500 bytes a second are 80 kbit/s.
  const Asking web(beside("{uplink: 0, rate: 50kbit/s, transfers: {arrivals: 20/s, size: 500B, shape: 3}}"), uplink,
                   "");
  CHECK(web.rate(1, 60) == Approx(120e3).epsilon(0.05));
  CHECK(web.result().metrics.find("cross_traffic.bytes")->value == Approx(600e3).epsilon(0.05));
  const Asking pareto(beside("{uplink: 0, rate: 20kbit/s, sources: 5, on: {pareto: {shape: 1.5, minimum: 100ms}}, off: "
                             "{pareto: {shape: 1.5, minimum: 100ms}}}"),
                      uplink, "");
  const Asking again(beside("{uplink: 0, rate: 20kbit/s, sources: 5, on: {pareto: {shape: 1.5, minimum: 100ms}}, off: "
                            "{pareto: {shape: 1.5, minimum: 100ms}}}"),
                     uplink, "");
  CHECK(pareto.result().digest == again.result().digest);
  CHECK(pareto.rate(1, 60) > 110e3);
  CHECK(pareto.rate(1, 60) < 190e3);
}

TEST_CASE("a stream beside a constant flow gets what is left") {
  using namespace sim;
  World world = sim::testing::streamer_world(2, std::chrono::milliseconds(20), {});
  const LinkLimit whole{{10'000'000}, 100'000};
  const auto hour = std::chrono::hours(1);
  world.network().set_uplink(0, scenarios::limit_beside(whole, {{Duration::zero(), {6'000'000}}}, hour));
  sim::testing::give_file(world, 0, 400'000'000);
  world.run_until(sim::testing::at(std::chrono::seconds(1)));
  world.command(1, "fetch 1 0 16384 100000");
  world.run_until(sim::testing::at(std::chrono::seconds(20)));
  const auto fetched = [&] {
    return static_cast<double>(sim::testing::streamer(world, 1).fetches.at(1).done) * 16'384;
  };
  const double before = fetched();
  world.run_until(sim::testing::at(std::chrono::seconds(80)));
  CHECK(fetched() - before == Approx(60 * 4e6 / 8 * 1460 / 1500).epsilon(0.03));
}

TEST_CASE("cross traffic without a link to take from is refused") {
  const auto with = [](const std::string& traffic) {
    return complaint("duration: 60s\nnetwork: {cross_traffic: [" + traffic +
                     "]}\ngroups: {a: {protocol: probe, count: 2, uplink: 1Mbit/s}}\n");
  };
  CHECK(with("{uplink: a, rate: 1kbit/s}").empty());
  CHECK_THAT(with("{downlink: a.1, rate: 1kbit/s}"),
             Contains("cross_traffic.0.downlink: the down-link of 'a.1' has no rate, so this would have no effect"));
  CHECK_THAT(with("{rate: 1kbit/s}"), Contains("say where this traffic is"));
  CHECK_THAT(with("{uplink: a, rate: 1kbit/s, off: 1s, on: {pareto: {shape: 0.9, minimum: 1s}}}"),
             Contains("cross_traffic.0.on: these times have no finite mean; use a shape above 1"));
  CHECK_THAT(with("{uplink: a, rate: 1kbit/s, on: 5s}"), Contains("give both `on` and `off`"));
  CHECK_THAT(with("{uplink: a, rate: 1kbit/s, from: 9s, until: 8s}"), Contains("ends before it starts"));
  CHECK_THAT(with("{uplink: a, rate: 1kbit/s, sources: 100000, on: 1ms, off: 1ms}"),
             Contains("more than 5,000,000 times"));
}

TEST_CASE("cross traffic between parts of a topology is refused") {
  const ScenarioFiles files;
  files.write("net.gml", "graph [ node [ id 0 ] node [ id 1 ] node [ id 2 ] edge [ source 0 target 1 w 10 ] ]");
  const auto between = [&](const std::string& sites) {
    return load_probes(
        "duration: 60s\nnetwork: {latency: {topology: {file: net.gml, latency_attribute: w, link: 1Mbit/s}}, "
        "cross_traffic: [{between: " +
            sites +
            ", rate: 1kbit/s}]}\n"
            "groups: {a: {protocol: probe, count: 2, sites: [0, 1]}}\n",
        files.scenario());
  };
  CHECK_NOTHROW(between("[0, 1]"));
  CHECK_THROWS_WITH(between("[0, 2]"), Contains("the topology has no path both ways between '0' and '2'"));
}

TEST_CASE("a run says at which site each node is") {
  const ScenarioFiles files;
  files.write(
      "net.gml",
      "graph [ node [ id 0 label \"Oslo\" ] node [ id 1 label \"Bern, old\" ] edge [ source 0 target 1 w 10 ] ]");
  const scenarios::Scenario scenario = load_probes(
      "duration: 5s\nnetwork: {latency: {topology: {file: net.gml, latency_attribute: w}}}\n"
      "groups: {a: {protocol: probe, count: 2}, b: {protocol: probe, count: 1, sites: Oslo}}\n",
      files.scenario());
  scenarios::RunRecorder recorder(scenario);
  CHECK(recorder.nodes_csv() == "node,name,group,site\n0,a.0,a,Oslo\n1,a.1,a,\"Bern, old\"\n2,b.0,b,Oslo\n");
  CHECK_THAT(recorder.json(), Contains("\"sites\": [\"Oslo\", \"Bern, old\", \"Oslo\"]") ||
                                  Contains("\"sites\":[\"Oslo\",\"Bern, old\",\"Oslo\"]"));
}
