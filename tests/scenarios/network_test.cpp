// The network as a scenario describes it, and when a datagram arrives over it.

#include "tests/catch.h"
#include "tests/scenarios/probe.h"
#include "tests/scenarios/scenario_files.h"

using namespace peerbed;
using namespace peerbed::tests;

namespace {

// After one second node 0 asks 1, 2 and 3, and node 1 asks node 0.
const std::string questions = R"(workload:
  - {at: 1s, node: 0, do: ask 1}
  - {at: 1s, node: 0, do: ask 2}
  - {at: 1s, node: 0, do: ask 3}
  - {at: 1s, node: 1, do: ask 0}
)";

Lines asked(const std::string& network, const std::string& source = "t.yaml") {
  return told("network: " + network + "\n" + questions, source);
}

}  // namespace

TEST_CASE("conditions differ by group, by pair and by direction, and a pair overrides its groups") {
  CHECK(asked("{latency: 10ms}") ==
        Lines{"0:01.010 a.0 hears 1", "0:01.010 a.1 hears 0", "0:01.010 a.2 hears 0", "0:01.010 b.0 hears 0"});
  CHECK(asked("{latency: 10ms, between: [{from: a, to: b, latency: 40ms}]}") ==
        Lines{"0:01.010 a.0 hears 1", "0:01.010 a.1 hears 0", "0:01.010 a.2 hears 0", "0:01.040 b.0 hears 0"});
  CHECK(asked("{latency: 10ms, between: [{from: b, to: a, latency: 40ms}]}").back() == "0:01.010 b.0 hears 0");
  CHECK(asked("{latency: 10ms, between: [{from: b, to: a, both_ways: true, latency: 40ms}]}").back() ==
        "0:01.040 b.0 hears 0");
  CHECK(
      asked("{latency: 10ms, between: [{from: a, to: a, latency: 30ms}], pairs: [{from: 0, to: a.1, latency: 5ms}]}") ==
      Lines{"0:01.005 a.1 hears 0", "0:01.010 b.0 hears 0", "0:01.030 a.0 hears 1", "0:01.030 a.2 hears 0"});
  CHECK(asked("{latency: 10ms, pairs: [{from: 0, to: 1, both_ways: true, latency: 5ms}]}") ==
        Lines{"0:01.005 a.0 hears 1", "0:01.005 a.1 hears 0", "0:01.010 a.2 hears 0", "0:01.010 b.0 hears 0"});
  CHECK(asked("{latency: 10ms, loss: 100%, between: [{from: a, to: b, loss: 0%}]}") == Lines{"0:01.010 b.0 hears 0"});
}

TEST_CASE("datagrams are duplicated, held back, damaged and jittered as the network says") {
  CHECK(asked("{latency: 10ms, duplicate: 100%}").size() == 8);
  CHECK(asked("{latency: 10ms, reorder: {share: 100%, delay: 70ms}}").front() == "0:01.080 a.0 hears 1");
  CHECK(asked("{latency: 10ms, reorder: 100%}").front() == "0:01.060 a.0 hears 1");
  CHECK(asked("{latency: 10ms, corrupt: 100%}").front() == "0:01.010 a.0 hears noise");
  CHECK(asked("{latency: 10ms, jitter: {constant: 25ms}}").front() == "0:01.035 a.0 hears 1");
}

TEST_CASE("datagrams leave a slow link one after the other, and its full queue drops the rest") {
  // A question has 10 bytes plus 28 bytes of headers: 304 bits, 38 ms at 8 kbit/s.
  const auto over = [](const std::string& uplink) {
    const scenarios::Scenario scenario = load_probes(
        "duration: 10s\nshow_lines: true\nnetwork: {latency: 10ms}\ngroups: {a: {protocol: probe, count: 4, uplink: " +
        uplink + "}}\n" + questions);
    Lines lines;
    for (const scenarios::PrintedLine& line : run_scenario(scenario).lines)
      if (line.text == "hears 0") lines.push_back(scenarios::show_moment(line.at));
    return lines;
  };
  CHECK(over("8kbit/s") == Lines{"0:01.048", "0:01.086", "0:01.124"});
  CHECK(over("{rate: 8kbit/s, queue: 50B}").size() < 3);
}

TEST_CASE("latency comes from a matrix file, which is found from the scenario's folder") {
  const ScenarioFiles files;
  files.write("delays.txt", "0 20 40\n20 0 60\n40 60 0\n");
  CHECK(asked("{latency: {matrix: {file: delays.txt, format: text}}}", files.scenario()) ==
        Lines{"0:01.000 b.0 hears 0", "0:01.010 a.0 hears 1", "0:01.010 a.1 hears 0", "0:01.020 a.2 hears 0"});
  CHECK(asked("{latency: {matrix: {file: delays.txt, format: text, measures: one_way}}}", files.scenario()).back() ==
        "0:01.040 a.2 hears 0");
  CHECK(asked("{latency: {matrix: {file: delays.txt, format: text, unit: us, measures: one_way}}}", files.scenario())
            .size() == 4);
  files.write("delays.csv", "city,Rome,Oslo\nRome,0,48\nOslo,48,0\n");
  CHECK(asked("{latency: {matrix: {file: delays.csv, format: csv}}}", files.scenario()).back() ==
        "0:01.024 b.0 hears 0");
}

TEST_CASE("latency comes from the distance on a plane") {
  CHECK(asked("{latency: {plane: {points: [[0, 0], [3, 4], [0, 10]], base: 1ms, per_unit: 2ms}}}") ==
        Lines{"0:01.001 b.0 hears 0", "0:01.011 a.0 hears 1", "0:01.011 a.1 hears 0", "0:01.021 a.2 hears 0"});
  CHECK(asked("{latency: {plane: {sites: 50, width: 10, per_unit: 2ms}}}").size() == 4);
}

namespace {

const std::string triangle =
    "<?xml version=\"1.0\"?><graphml><key id=\"e\" for=\"edge\" attr.name=\"delay\" attr.type=\"double\"/>"
    "<key id=\"r\" for=\"edge\" attr.name=\"rate\" attr.type=\"double\"/>"
    "<graph edgedefault=\"undirected\"><node id=\"0\"/><node id=\"1\"/><node id=\"2\"/>"
    "<edge source=\"0\" target=\"1\"><data key=\"e\">15</data></edge>"
    "<edge source=\"1\" target=\"2\"><data key=\"e\">25</data><data key=\"r\">16000</data></edge>"
    "<edge source=\"0\" target=\"2\"><data key=\"e\">90</data></edge></graph></graphml>";

}  // namespace

TEST_CASE("latency comes from the shortest paths of a GraphML file") {
  const ScenarioFiles files;
  files.write("net.graphml", triangle);
  CHECK(asked("{latency: {topology: {file: net.graphml, latency_attribute: delay}}}", files.scenario()) ==
        Lines{"0:01.000 b.0 hears 0", "0:01.015 a.0 hears 1", "0:01.015 a.1 hears 0", "0:01.040 a.2 hears 0"});
}

TEST_CASE("links of a topology have the rates that the scenario and the file give") {
  const ScenarioFiles files;
  files.write("net.graphml", triangle);
  const auto over = [&](const std::string& more) {
    return asked("{latency: {topology: {file: net.graphml, latency_attribute: delay, " + more + "}}}",
                 files.scenario());
  };
  // A question takes 38 ms at 8 kbit/s and 19 ms at 16 kbit/s; two questions of node 0 share its link to node 1.
  CHECK(over("rate_attribute: rate") ==
        Lines{"0:01.000 b.0 hears 0", "0:01.015 a.0 hears 1", "0:01.015 a.1 hears 0", "0:01.059 a.2 hears 0"});
  CHECK(over("link: 8kbit/s") ==
        Lines{"0:01.000 b.0 hears 0", "0:01.053 a.0 hears 1", "0:01.053 a.1 hears 0", "0:01.154 a.2 hears 0"});
  CHECK(over("link: 8kbit/s, rate_attribute: rate").back() == "0:01.135 a.2 hears 0");
  CHECK(over("link: {rate: 8kbit/s, queue: 50B}") ==
        Lines{"0:01.000 b.0 hears 0", "0:01.053 a.0 hears 1", "0:01.053 a.1 hears 0"});
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(over("link: {rate: fast}"), Contains("t.yaml:4:") && Contains("topology.link.rate: expected"));
  CHECK_THROWS_WITH(over("links: 8kbit/s"), Contains("t.yaml:4:") && Contains("did you mean 'link'"));
  CHECK_THROWS_WITH(over("rate_attribute: speed"), Contains("edges have no attribute \"speed\""));
  CHECK_THROWS_WITH(over("queue_attribute: rate, rate_attribute: delay, link: 0bit/s"), Contains("t.yaml:4:"));
}

TEST_CASE("nodes are located at their group's sites") {
  const ScenarioFiles files;
  files.write("delays.txt", "0 20 40\n20 0 60\n40 60 0\n");
  const auto at_sites = [&](const std::string& sites) {
    const scenarios::Scenario scenario = load_probes(
        "duration: 10s\nshow_lines: true\nnetwork: {latency: {matrix: {file: delays.txt, format: text}}}\n"
        "groups: {a: {protocol: probe, count: 2, sites: " +
            sites + "}}\nworkload: [{at: 1s, node: 0, do: ask 1}]\n",
        files.scenario());
    return scenarios::show_moment(run_scenario(scenario).lines.back().at);
  };
  CHECK(at_sites("[1, 2]") == "0:01.030");
  CHECK(at_sites("[0, 2]") == "0:01.020");
}

namespace {

// A network of two parts, a-b-c and d-e, whose links take 10 ms; and within c, 3 ms.
const std::string two_parts =
    "graph [ node [ id 0 label \"Aa\" ] node [ id 1 label \"Bb\" ] node [ id 2 label \"Cc\" ] node [ id 3 label \"Dd\" "
    "]"
    " node [ id 4 label \"Ee\" ] edge [ source 0 target 1 w 10 ] edge [ source 1 target 2 w 10 ]"
    " edge [ source 3 target 4 w 10 ] edge [ source 2 target 2 w 3 ] ]";

// Two nodes at these sites of that network; node 0 asks node 1.
scenarios::RunResult asked_in_parts(const ScenarioFiles& files, const std::string& sites,
                                    const std::string& more = "") {
  const std::string group = sites.empty() ? "" : ", sites: " + sites;
  return run_scenario(
      load_probes("duration: 10s\nshow_lines: true\nnetwork: {latency: {topology: {file: net.gml, "
                  "latency_attribute: w" +
                      more + "}}}\ngroups: {a: {protocol: probe, count: 4" + group +
                      "}}\nworkload: [{at: 1s, node: 0, do: ask 3}]\n",
                  files.scenario()));
}

}  // namespace

TEST_CASE("sites go by their names, in all of a topology's parts") {
  const ScenarioFiles files;
  files.write("net.gml", two_parts);
  const auto heard = [&](const std::string& sites, const std::string& more = "") {
    return scenarios::show_moment(asked_in_parts(files, sites, more).lines.back().at);
  };
  CHECK(heard("[Aa, Bb, Bb, Cc]") == "0:01.020");
  CHECK(heard("[Dd, Ee, 3, 4]") == "0:01.010");
  CHECK(heard("Cc") == "0:01.003");
  CHECK(heard("", ", largest_component: true") == "0:01.000");  // node 3 is at the first site again, 0.5 ms away
}

TEST_CASE("hosts that cannot reach one another are refused, and what is left out is named") {
  const ScenarioFiles files;
  files.write("net.gml", two_parts);
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(asked_in_parts(files, ""),
                    Contains("hosts are at site 'Aa' and at 'Dd'") && Contains("largest_component: true"));
  CHECK_THROWS_WITH(asked_in_parts(files, "[Cc, Dd]"), Contains("hosts are at site 'Cc' and at 'Dd'"));
  CHECK_THROWS_WITH(asked_in_parts(files, "[Bc]"), Contains("a.sites.0: there is no site 'Bc'; did you mean 'Bb'?"));
  CHECK_THROWS_WITH(asked_in_parts(files, "[5]"), Contains("there is no site 5; the network's sites are 0 to 4"));
  CHECK_THROWS_WITH(asked_in_parts(files, "[Ee]", ", largest_component: true"),
                    Contains("a.sites.0: site 'Ee' is outside the topology's largest connected part"));
  CHECK_THROWS_WITH(asked_in_parts(files, "[]"), Contains("a.sites: name at least one site, or leave this out"));
  const scenarios::RunResult result = asked_in_parts(files, "", ", largest_component: true");
  REQUIRE(result.remarks.size() == 1);
  CHECK(result.remarks[0] == "net.gml: no host is placed at 2 sites outside the largest connected part, of 5: Dd, Ee");
}

TEST_CASE("rates of links may have a unit, or the unit that the scenario gives") {
  const ScenarioFiles files;
  files.write("net.gml",
              "graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 w \"15 ms\" r \"8 kbit\" s 8 ] ]");
  const auto heard = [&](const std::string& rate) {
    return asked("{latency: {topology: {file: net.gml, latency_attribute: w, " + rate + "}}}", files.scenario())[1];
  };
  CHECK(heard("rate_attribute: r") == "0:01.053 a.0 hears 1");
  CHECK(heard("rate_attribute: s, rate_unit: 1kbit/s") == "0:01.053 a.0 hears 1");
  CHECK_THROWS_WITH(heard("rate_unit: 1kbit/s"), Catch::Matchers::Contains("no rates are read"));
  files.write("net.gml",
              "graph [ node [ id 0 ] node [ id 1 ] node [ id 2 ] edge [ source 0 target 1 w 15 r 8000 ]"
              " edge [ source 1 target 2 w 15 q 9000 ] ]");
  CHECK_THROWS_WITH(heard("rate_attribute: r, queue_attribute: q"),
                    Catch::Matchers::Contains("the link between \"1\" and \"2\" has a queue but no rate"));
  CHECK_NOTHROW(heard("rate_attribute: r, queue_attribute: q, link: 1Mbit/s"));
}

TEST_CASE("a matrix in an unlikely unit is remarked on, unless its unit is stated") {
  const ScenarioFiles files;
  files.write("king.txt", "node 0\nnode 1\n0,1 80\n");
  const auto remarks = [&](const std::string& unit) {
    return load_probes("duration: 10s\nnetwork: {latency: {matrix: {file: king.txt, format: king" + unit +
                           "}}}\ngroups: {a: {protocol: probe, count: 2}}\n",
                       files.scenario())
        .network.remarks;
  };
  REQUIRE(remarks("").size() == 1);
  CHECK(remarks("")[0] ==
        "king.txt: the median latency is only 40us one way; check that the numbers in the file are "
        "in us, or set `unit` of the matrix");
  CHECK(remarks(", unit: ms").empty());
  CHECK(remarks(", unit: us").empty());
  CHECK(asked("{latency: {matrix: {file: king.txt, format: king, unit: ms}}}", files.scenario())[3] ==
        "0:01.040 b.0 hears 0");
}

TEST_CASE("the rate of a link may change over time, in the scenario or by a trace") {
  const ScenarioFiles files;
  // A question takes 38 bytes: 10 ms at 30.4 kbit/s and 100 ms at 3.04 kbit/s.
  const auto heard = [&](const std::string& uplink) {
    const scenarios::Scenario scenario = load_probes(
        "duration: 10s\nshow_lines: true\nnetwork: {latency: 10ms}\n"
        "groups: {a: {protocol: probe, count: 2, uplink: " +
            uplink + "}}\nworkload: [{at: 1s, node: 0, do: ask 1}, {at: 4s, node: 0, do: ask 1}]\n",
        files.scenario());
    Lines lines;
    for (const scenarios::PrintedLine& line : run_scenario(scenario).lines)
      if (line.text.starts_with("hears")) lines.push_back(scenarios::show_moment(line.at));
    return lines;
  };
  CHECK(heard("30400bit/s") == Lines{"0:01.020", "0:04.020"});
  CHECK(heard("{rate: {0s: 30400bit/s, 2s: 3040bit/s}}") == Lines{"0:01.020", "0:04.110"});
  CHECK(heard("{rate: {0s: 30400bit/s, 2s: 3040bit/s}, repeat: 3500ms}") == Lines{"0:01.020", "0:04.020"});
  CHECK(heard("{rate: {0s: 0bit/s, 5s: 30400bit/s}}") == Lines{"0:05.020", "0:05.030"});
  files.write("rates.csv", "time,rate\n0,30400\n2,3040\n100,3040\n");
  CHECK(heard("{trace: rates.csv, format: csv}") == Lines{"0:01.020", "0:04.110"});
  files.write("kilobits.csv", "0;30,4\n");
  CHECK(heard("{trace: kilobits.csv, format: csv, rate_unit: 1kbit/s}") == Lines{"0:01.020", "0:04.020"});
  files.write("mahimahi", "1000\n");
  CHECK(heard("{trace: mahimahi}") == Lines{"0:02.009", "0:05.009"});
  using Catch::Matchers::Contains;
  CHECK(heard("{rate: {0s: 0Mbit/s, 5s: 30400bit/s}}") == Lines{"0:05.020", "0:05.030"});
  files.write("megabits.csv", "time,rate_mbps\n0,30.4\n2,3.04\n");
  CHECK(heard("{trace: megabits.csv, format: csv}") == heard("{rate: 30400kbit/s}"));
  files.write("low.csv", "0,30\n2,3\n");
  CHECK_THROWS_WITH(heard("{trace: low.csv, format: csv}"), Contains("the highest rate is only 30 bit/s"));
  CHECK_NOTHROW(heard("{trace: low.csv, format: csv, rate_unit: 1bit/s}"));
  CHECK_THROWS_WITH(heard("0bit/s"), Contains("expected a rate above 0"));
  CHECK_THROWS_WITH(heard("{rate: 1Mbit/s, discipline: {codel: {target: 100ms}}}"),
                    Contains("`target` is a small part of `interval`, but 100ms is not below 100ms"));
  CHECK_THROWS_WITH(heard("{rate: {1s: 3040bit/s}}"), Contains("the first rate must be that at 0s"));
  CHECK_THROWS_WITH(heard("{rate: {0s: 3040bit/s, soon: 1bit/s}}"), Contains("'soon' is not a time"));
  CHECK_THROWS_WITH(heard("{rate: 3040bit/s, repeat: 1s}"), Contains("a constant rate repeats nothing"));
  CHECK_THROWS_WITH(heard("{rate: 3040bit/s, trace: mahimahi}"), Contains("remove one of them"));
  CHECK_THROWS_WITH(heard("{trace: mahimahi, rate_unit: 1kbit/s}"), Contains("a mahimahi trace counts packets"));
  CHECK_THROWS_WITH(heard("{trace: nothing}"), Contains("no such file"));
}

TEST_CASE("groups are behind NATs and firewalls, and the metrics tell what these stopped") {
  const auto run = [](const std::string& gateway) {
    const std::string text =
        "duration: 10s\nshow_lines: true\nnetwork: {latency: 10ms}\n"
        "groups: {a: {protocol: probe, count: 2}, b: {protocol: probe, count: 2, " +
        gateway +
        "}}\nworkload: [{at: 1s, node: a.0, do: ask 2}, {at: 2s, node: b.0, do: ask 0}, {at: 3s, node: b.0, do: ask "
        "3}]\n";
    return run_scenario(load_probes(text));
  };
  const auto heard = [](const scenarios::RunResult& result) {
    std::size_t count = 0;
    for (const scenarios::PrintedLine& line : result.lines) count += line.text.starts_with("hears") ? 1 : 0;
    return count;
  };
  const auto value = [](const scenarios::RunResult& result, const char* metric) {
    const auto found = result.metrics.find(metric);
    return found ? found->value : -1;
  };
  const auto open = run("uplink: 1Gbit/s");
  CHECK(heard(open) == 3);
  CHECK(value(open, "messages.dropped_gateway") == -1);
  const auto full_cone = run("nat: full_cone");
  CHECK(heard(full_cone) == 1);  // an address inside leads nowhere from outside
  CHECK(value(full_cone, "messages.dropped_gateway") == 2);
  CHECK(value(full_cone, "hosts.open.share") == Approx(0.75));  // b.1 has no mapping
  CHECK(heard(run("nat: {kind: full_cone, hosts: 2}")) == 2);   // and from inside it does
  CHECK(value(run("nat: {kind: full_cone, lifetime: 5s}"), "hosts.open.share") == Approx(0.5));
  CHECK(value(run("nat: symmetric"), "hosts.open.share") == Approx(0.5));
  CHECK(value(run("nat: {kind: full_cone, carrier: symmetric}"), "hosts.open.share") == Approx(0.5));
  CHECK(value(run("nat: {kind: full_cone, carrier: {filtering: endpoint_independent, subscribers: 1}}"),
              "hosts.open.share") == Approx(0.75));
  const auto guarded = run("firewall: inbound");
  CHECK(heard(guarded) == 1);
  CHECK(value(guarded, "messages.dropped_gateway") == 2);
  CHECK(value(guarded, "hosts.open.share") == Approx(0.5));
}

TEST_CASE("NATs that cannot be are refused") {
  const auto refused = [](const std::string& gateway, const std::string& network = "{latency: 10ms}") -> std::string {
    try {
      load_probes("duration: 10s\nnetwork: " + network + "\ngroups: {a: {protocol: probe, count: 2, " + gateway +
                  "}}\n");
      return "";
    } catch (const scenarios::ScenarioError& error) {
      return error.what();
    }
  };
  CHECK(refused("nat: {mapping: endpoint_independent, filtering: address_dependent, lifetime: 30s, hairpin: false}")
            .empty());
  CHECK(refused("nat: strict")
            .find("groups.a.nat: expected full_cone, restricted_cone, port_restricted_cone or symmetric") !=
        std::string::npos);
  CHECK(refused("nat: {kind: symmetric, mapping: address_dependent}")
            .find("groups.a.nat.mapping: the kind says it already; remove one of them") != std::string::npos);
  CHECK(refused("nat: {mapping: symmetric}").find("groups.a.nat.mapping: expected endpoint_independent") !=
        std::string::npos);
  CHECK(refused("nat: {lifetime: 0s}").find("groups.a.nat.lifetime") != std::string::npos);
  CHECK(refused("nat: {hosts: 0}").find("groups.a.nat.hosts") != std::string::npos);
  CHECK(refused("firewall: outbound").find("groups.a.firewall") != std::string::npos);
  CHECK(refused("nat: symmetric", "{family: ipv6}")
            .find("groups.a.nat: only IPv4 addresses are translated; write `firewall: inbound`, or `family: ipv4`") !=
        std::string::npos);
  CHECK(refused("firewall: inbound", "{family: ipv6}").empty());
}
