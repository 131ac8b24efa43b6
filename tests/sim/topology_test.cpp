#include "sim/network/topology.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/graphs/graph_file.h"
#include "sim/network/attribute_units.h"
#include "tests/catch.h"
#include "tests/sim/temporary_file.h"

namespace peerbed::sim {

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

const std::string keys =
    "<?xml version=\"1.0\"?><!-- a comment with a <tag> --><graphml>"
    "<key id=\"a\" for=\"node\" attr.name=\"label\" attr.type=\"string\"/>"
    "<key id=\"b\" for=\"node\" attr.name=\"Latitude\" attr.type=\"double\"/>"
    "<key id=\"c\" for=\"node\" attr.name=\"Longitude\" attr.type=\"integer\"/>"
    "<key id=\"d\" for=\"node\" attr.name=\"Internal\" attr.type=\"int\"/>"
    "<key id=\"e\" for=\"edge\" attr.name=\"delay\" attr.type=\"double\"/>"
    "<key id=\"f\" for=\"edge\" attr.name=\"LinkSpeedRaw\" attr.type=\"double\"/>";

std::string graph(const std::string& body, const std::string& direction = "undirected") {
  return keys + "<graph edgedefault=\"" + direction + "\">" + body + "</graph></graphml>";
}

std::string data(const std::string& key, const std::string& value) {
  return value.empty() ? "" : "<data key=\"" + key + "\">" + value + "</data>";
}

std::string node(const std::string& id, const std::string& latitude = "", const std::string& longitude = "",
                 const std::string& label = "") {
  return "<node id=\"" + id + "\">" + data("a", label) + data("b", latitude) + data("c", longitude) + "</node>";
}

std::string edge(const std::string& source, const std::string& target, const std::string& delay = "") {
  return "<edge source=\"" + source + "\" target=\"" + target + "\">" + data("e", delay) + "</edge>";
}

Topology load(const std::string& content, const TopologyOptions& options = {}) {
  return load_topology(TemporaryFile(content).path(), options);
}

const TopologyOptions by_delay{.latency_attribute = "delay"};

std::string refusal_of(const std::string& body) {
  return refusal(graph(body), [](const std::string& path) { return load_topology(path, by_delay); });
}

}  // namespace

TEST_CASE("links without a latency get that of a cable between their ends") {
  const Topology topology = load(graph(node("0", "0", "0", "Null &amp; Co") + node("1", "0", "90") + edge("0", "1")));
  REQUIRE(topology.sites.size() == 2);
  CHECK(topology.sites[0].name == "Null & Co");
  CHECK(topology.sites[1].name == "1");
  REQUIRE(topology.links.size() == 1);
  CHECK(topology.links[0].delay == 75'056'576ns);
}

TEST_CASE("links get the latency of a named attribute, or else that of a cable") {
  const Topology topology = load(
      graph(node("0", "0", "0") + node("1", "0", "90") + node("2") + edge("0", "1") + edge("1", "2", "2.5")), by_delay);
  CHECK(topology.links[0].delay == 75'056'576ns);
  CHECK(topology.links[1].delay == 2'500us);
}

TEST_CASE("the shortest path counts, over parallel links and around long ones") {
  const DelayMatrix delays =
      shortest_path_delays(load(graph(node("a") + node("b") + node("c") + edge("a", "b", "10") + edge("b", "a", "3") +
                                      edge("b", "c", "4") + edge("a", "c", "20") + edge("c", "c", "1")),
                                by_delay));
  CHECK(delays.names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(delays(0, 1) == 3ms);
  CHECK(delays(0, 2) == 7ms);
  CHECK(delays(2, 0) == 7ms);
  CHECK(delays(1, 1) == 0ms);
}

TEST_CASE("directed links lead one way") {
  const DelayMatrix delays = shortest_path_delays(
      load(graph(node("a") + node("b") + node("c") + edge("a", "b", "1") + edge("b", "c", "2") + edge("c", "a", "4"),
                 "directed"),
           by_delay));
  CHECK(delays(0, 1) == 1ms);
  CHECK(delays(1, 0) == 6ms);
}

TEST_CASE("nodes without coordinates get the middle of their neighbours, round by round") {
  const Topology topology = load(graph(node("0", "10", "20") + node("1", "10", "40") + node("2") + node("3") +
                                       edge("0", "2") + edge("1", "2") + edge("2", "3")));
  REQUIRE(topology.sites[2].location);
  CHECK(topology.sites[2].location->longitude == Approx(30));
  CHECK(topology.sites[2].location_is_guessed);
  CHECK(topology.sites[3].location->longitude == Approx(30));
  CHECK_FALSE(topology.sites[0].location_is_guessed);
  CHECK(topology.links[2].delay == 100us);  // the minimum link delay
}

TEST_CASE("a network in pieces keeps its nodes and their order, and says who can reach whom") {
  const Topology topology = load(graph(node("x") + node("a") + node("b") + node("y") + edge("b", "a", "5")), by_delay);
  REQUIRE(topology.sites.size() == 4);
  CHECK(topology.parts == 3);
  CHECK(topology.sites[1].name == "a");
  CHECK(topology.sites[1].part == topology.largest_part);
  CHECK(topology.sites[2].part == topology.largest_part);
  CHECK(topology.sites[0].part != topology.largest_part);
  CHECK(topology.sites[3].part != topology.sites[0].part);
  CHECK(topology.links[0].from == 2);
  CHECK(topology.links[0].to == 1);
  const DelayMatrix delays = shortest_path_delays(topology);
  CHECK(delays(1, 2) == 5ms);
  CHECK(delays(0, 1) == DelayMatrix::maximum_delay);
}

TEST_CASE("links that lead one way only part their ends, unless there is a way back") {
  const std::string nodes = node("a") + node("b") + node("c");
  const std::string there = edge("a", "b", "1") + edge("b", "c", "2");
  CHECK(load(graph(nodes + there, "directed"), by_delay).parts == 3);
  CHECK(load(graph(nodes + there + edge("c", "a", "3"), "directed"), by_delay).parts == 1);
}

TEST_CASE("a link outside the largest part that has no delay is left out") {
  const Topology topology = load(graph(node("a") + node("b") + node("c") + node("d") + node("e") + edge("a", "b", "1") +
                                       edge("b", "c", "1") + edge("d", "e")),
                                 by_delay);
  CHECK(topology.links.size() == 2);
  CHECK(topology.parts == 3);
  CHECK(topology.sites[3].part != topology.sites[4].part);
}

TEST_CASE("a loop is the latency within its site") {
  const Topology topology = load(graph(node("a") + node("b") + edge("a", "b", "10") + edge("a", "a", "50.0") +
                                       edge("a", "a", "20 ms") + edge("b", "b")),
                                 by_delay);
  CHECK(topology.links.size() == 1);
  CHECK(topology.sites[0].within == Duration(20ms));
  CHECK_FALSE(topology.sites[1].within);
  const DelayMatrix delays = shortest_path_delays(topology);
  CHECK(delays(0, 0) == 20ms);
  CHECK(delays(1, 1) == 0ms);
  CHECK(delays(0, 1) == 10ms);
}

TEST_CASE("attributes of links may have units") {
  CHECK(parse_latency_attribute("50") == Duration(50ms));
  CHECK(parse_latency_attribute(" 50 ms ") == Duration(50ms));
  CHECK(parse_latency_attribute("80us") == Duration(80us));
  CHECK(parse_latency_attribute("0.05 s") == Duration(50ms));
  CHECK(parse_latency_attribute("2 milliseconds") == Duration(2ms));
  CHECK(parse_latency_attribute("10msec") == Duration(10ms));
  for (const char* wrong : {"", "ms", "-1 ms", "1 fortnight", "1 ms ms", "nan", "1e300"})
    CHECK_FALSE(parse_latency_attribute(wrong));
  CHECK(parse_rate_attribute("155520000.0", 1) == 155'520'000u);
  CHECK(parse_rate_attribute("10", 1e6) == 10'000'000u);
  CHECK(parse_rate_attribute("10 Mbit", 1e9) == 10'000'000u);
  CHECK(parse_rate_attribute("81920 Kibit", 1) == 83'886'080u);
  CHECK(parse_rate_attribute("1 Gbit/s", 1) == 1'000'000'000u);
  CHECK(parse_rate_attribute("100Mbps", 1) == 100'000'000u);
  CHECK(parse_rate_attribute("2 MB/s", 1) == 16'000'000u);
  CHECK(parse_rate_attribute("10 megabits", 1) == 10'000'000u);
  CHECK(parse_rate_attribute("2 kibibytes", 1) == 16'384u);
  for (const char* wrong : {"", "0", "-1", "fast", "10 Mibs", "1e30", "10 M bit"})
    CHECK_FALSE(parse_rate_attribute(wrong, 1));
  CHECK(parse_size_attribute("65536") == 65'536u);
  CHECK(parse_size_attribute("64KiB") == 65'536u);
  CHECK(parse_size_attribute("64 kB") == 64'000u);
  CHECK_FALSE(parse_size_attribute("64 bit"));
}

TEST_CASE("equal labels are distinguished by the ids of their nodes") {
  const Topology topology =
      load(graph(node("0", "", "", "None") + node("1", "", "", "None") + edge("0", "1", "1")), by_delay);
  CHECK(topology.sites[0].name == "None (0)");
  CHECK(topology.sites[1].name == "None (1)");
}

TEST_CASE("link speeds, internal marks and defaults of keys are read") {
  const Topology topology =
      load(keys + "<key id=\"g\" for=\"edge\" attr.name=\"cost\"><default>8</default></key><graph>" + node("0") +
               "<node id=\"1\"><data key=\"d\">0</data></node><edge source=\"0\" target=\"1\">" +
               data("f", "155520000.0") + "</edge></graph></graphml>",
           {.latency_attribute = "cost", .rate_attribute = "LinkSpeedRaw"});
  CHECK(topology.links[0].rate.bits_per_second == 155'520'000);
  CHECK(topology.links[0].delay == 8ms);
  CHECK(topology.sites[0].internal);
  CHECK_FALSE(topology.sites[1].internal);
}

TEST_CASE("an invalid topology is refused in one sentence") {
  CHECK_THAT(refusal_of(node("0") + node("1") + edge("0", "1")), Contains("no latency, and \"0\" no coordinates"));
  CHECK_THAT(refusal_of(node("0") + node("1") + edge("0", "1", "soon")), Contains("takes \"soon\"; give milliseconds"));
  CHECK_THAT(refusal_of(node("0") + node("1") + edge("0", "1", "-1")), Contains("takes \"-1\""));
  CHECK_THAT(refusal_of(node("0") + node("1") + edge("0", "1", "1e300")), Contains("takes \"1e300\""));
  CHECK_THAT(refusal_of(node("0", "91", "0")), Contains("node \"0\" is at \"91\", \"0\""));
  CHECK_THAT(refusal_of(node("0", "north", "0")), Contains("is at \"north\""));
  CHECK_THAT(refusal_of(node("0") + node("0")), Contains("node \"0\" is given twice"));
  CHECK_THAT(refusal_of(node("0") + edge("0", "7")), Contains("target \"7\" is not a node"));
  CHECK_THAT(refusal_of("<hyperedge/>"), Contains("there is a <hyperedge>"));
  CHECK_THAT(refusal_of("<node id=\"0\"><graph/></node>"), Contains("contains a nested graph"));
  CHECK_THAT(refusal_of(""), Contains("no nodes"));
  CHECK_THROWS_WITH(load(graph(node("0")), {.latency_attribute = "cost"}), Contains("no attribute \"cost\""));
}

TEST_CASE("GraphML may use a namespace prefix, blanks around values, and UTF-16") {
  const std::string plain =
      "<?xml version=\"1.0\"?>\n<g:graphml xmlns:g=\"http://graphml.graphdrawing.org/xmlns\">"
      "<g:key id=\"w\" for=\"edge\" attr.name=\"delay\"/><g:key id=\"l\" for=\"node\" attr.name=\"label\"/>"
      "<g:graph edgedefault=\"undirected\"><g:node id=\"a\"><g:data key=\"l\">\n  K\xC3\xB6ln </g:data></g:node>"
      "<g:node id=\"b\"/><g:edge source=\"a\" target=\"b\"><g:data key=\"w\"> 10\n</g:data></g:edge>"
      "</g:graph></g:graphml>";
  std::string little = "\xFF\xFE";
  std::string big = "\xFE\xFF";
  for (std::size_t i = 0; i < plain.size(); ++i) {
    unsigned code = static_cast<unsigned char>(plain[i]);
    if (code == 0xC3) code = 0xC0 + (static_cast<unsigned char>(plain[++i]) & 0x3Fu);
    little += {static_cast<char>(code), '\0'};
    big += {'\0', static_cast<char>(code)};
  }
  for (const std::string& content : {plain, "\xEF\xBB\xBF" + plain, little, big}) {
    const Topology topology = load(content, by_delay);
    REQUIRE(topology.sites.size() == 2);
    CHECK(topology.sites[0].name == "K\xC3\xB6ln");
    CHECK(topology.links.at(0).delay == 10ms);
  }
}

TEST_CASE("GML is read as Shadow and NetworkX write it") {
  const Topology topology = load(
      "# a comment\ngraph [\n  directed 0\n  node [ id 0 label \"node &#97;t &quot;1.2.3.4&quot; &amp;quot; K&#246;ln "
      "&#x1F310; &ouml; &\""
      " host_bandwidth_up \"81920 Kibit\" graphics [ x 1.5 y 2 ] ]\n  node [ id 1 ]\n"
      "  edge [ source 0 target 0 latency \"5 ms\" packet_loss 0.0 ]\n"
      "  edge [\n source 0\n target 1\n latency \"50 ms\"\n rate \"10 Mbit\" ]\n]\n",
      {.latency_attribute = "latency", .rate_attribute = "rate"});
  REQUIRE(topology.sites.size() == 2);
  CHECK(topology.sites[0].name == "node at \"1.2.3.4\" &quot; K\xC3\xB6ln \xF0\x9F\x8C\x90 &ouml; &");
  CHECK(topology.sites[1].name == "1");
  CHECK(topology.sites[0].within == Duration(5ms));
  REQUIRE(topology.links.size() == 1);
  CHECK(topology.links[0].delay == 50ms);
  CHECK(topology.links[0].rate.bits_per_second == 10'000'000);
  CHECK(load("graph [ directed 1 node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 delay 3 ] ]", by_delay).parts ==
        2);
}

TEST_CASE("node-link JSON is read as NetworkX writes it") {
  const Topology topology = load(
      R"({"directed": false, "multigraph": false, "graph": {"name": "x"},
          "nodes": [{"name": "Ulm", "pos": [9.9, 48.4], "id": 0}, {"id": "b"}, {"id": [1, 2], "label": null}],
          "links": [{"delay": 2.5, "source": 0, "target": "b"}, {"delay": "7 ms", "source": "b", "target": [1, 2]}]})",
      by_delay);
  REQUIRE(topology.sites.size() == 3);
  CHECK(topology.sites[0].name == "Ulm");
  CHECK(topology.sites[1].name == "b");
  CHECK(topology.sites[2].name == "1,2");
  CHECK(topology.links[0].delay == 2'500us);
  CHECK(topology.links[1].delay == 7ms);
  CHECK(
      load(R"({"directed": true, "nodes": [{"id": 0}, {"id": 1}], "edges": [{"source": 0, "target": 1, "delay": 1}]})",
           by_delay)
          .parts == 2);
}

TEST_CASE("nodes have coordinates by several names, and as TopoHub's positions") {
  const Topology topohub = load(
      R"({"directed": false, "multigraph": false, "graph": {"name": "x", "stats": {"nodes": 3}},
          "nodes": [{"pos": [9.99, 48.40], "type": "City", "name": "Ulm", "id": 21},
                    {"pos": [11.58, 48.14], "name": "M\u00fcnchen", "id": 7}, {"pos": [2500, 100], "name": "R3", "id": 8}],
          "edges": [{"dist": 120.65, "type": "normal", "ecmp_fwd": {"uni": 2.50}, "source": 21, "target": 7},
                    {"dist": 3, "source": 7, "target": 8}]})");
  CHECK(topohub.sites[1].name == "M\u00fcnchen");
  CHECK(topohub.links[0].delay == cable_delay({48.40, 9.99}, {48.14, 11.58}));
  CHECK(topohub.links[0].delay > 800us);
  CHECK(topohub.sites[2].location->latitude == Approx(48.14));  // that of its only neighbour
  const Topology networkx = load(R"({"nodes": [{"lat": 48.4, "lon": 9.99, "id": 0},
      {"latitude": 48.14, "longitude": 11.58, "id": 1}], "links": [{"source": 0, "target": 1}]})");
  CHECK(networkx.links[0].delay == topohub.links[0].delay);
}

TEST_CASE("graph files that contradict themselves are refused in one sentence") {
  const auto read = [](const std::string& path) { return read_graph_file(path); };
  CHECK_THAT(refusal("graph [ node [ id 0 ]", read), Contains("the file ends within the list \"graph\""));
  CHECK_THAT(refusal("graph [ node [ id 0 ] ] ]", read), Contains("there is a ']' without its '['"));
  CHECK_THAT(refusal("graph [ node [ label \"x\" ] ]", read), Contains("a node has no id"));
  CHECK_THAT(refusal("graph [\nnode [ id \"0 ] ]", read), StartsWith(":2: a string has no closing quote"));
  CHECK_THAT(refusal("a,b\n1,2\n", read), Contains("there is no graph [...]"));
  CHECK_THAT(refusal("hello\n", read), Contains("nor is this GraphML, node-link JSON"));
  CHECK_THAT(refusal(std::string_view("\x1F\x8B\0\x01", 4), read), Contains("this is not a text file"));
  CHECK_THAT(refusal("graph [ node [ id 0 ] edge [ source 0 target 1 ] ]", read),
             Contains("target \"1\" is not a node"));
  CHECK_THAT(refusal("{\"nodes\": [{\"id\": 0}]}", read), Contains("there are no \"nodes\" and \"links\""));
  CHECK_THAT(refusal("{\"nodes\": [{}], \"links\": []}", read), Contains("has no \"id\""));
  CHECK_THAT(refusal("{\"nodes\": [", read), Contains("this is not JSON"));
  CHECK_THAT(refusal("{\"a\":" + std::string(1'000'000, '['), read), Contains("nested more than 64 deep"));
  std::string deep = "graph [ ";
  for (int i = 0; i < 100'000; ++i) deep += "a [ ";
  CHECK_THAT(refusal(deep, read), Contains("nested more than 64 deep"));
}

TEST_CASE("what is not GraphML is refused, and quickly") {
  const auto read = [](const std::string& path) { return read_graph_file(path); };
  CHECK_THAT(refusal("", read), Contains("<graphml>") || Contains("not XML"));
  CHECK_THAT(refusal("{}", read), Contains("node-link JSON"));
  CHECK_THAT(refusal("<graphml>\n<graph>\n</graphml>", read), Contains("this is not XML"));
  CHECK_THAT(refusal("<graphml/>", read), Contains("no <graph>"));
  CHECK_THAT(refusal("<graphml><graph/><graph/></graphml>", read), Contains("more than one <graph>"));
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "<a b=\"/>\">";
  CHECK_THAT(refusal(deep, read), Contains("nested more than 64 deep"));
  CHECK_THAT(refusal(std::string(GraphFile::maximum_bytes + 1, ' '), read), Contains("larger than 16 MiB"));
  std::string crowd;
  for (int i = 0; i < 8193; ++i) crowd += node(std::to_string(i));
  CHECK_THAT(refusal(graph(crowd), read), Contains("more than 8192 nodes"));
  CHECK_THROWS_WITH(read_graph_file("/nonexistent"), Contains("no such file"));
}

TEST_CASE("a path that takes too long is refused by its ends") {
  const Topology topology =
      load(graph(node("a") + node("b") + node("c") + edge("a", "b", "4000") + edge("b", "c", "4000")), by_delay);
  CHECK_THROWS_WITH(shortest_path_delays(topology), Contains("the path from \"a\" to \"c\" takes longer"));
}

TEST_CASE("every file of the Topology Zoo loads as published, or is refused for lack of coordinates") {
  const auto folder = data_set("topology/zoo_graphml/graphml");
  if (!folder) {
    WARN("skipped: PEERBED_DATA names no folder of data sets");
    return;
  }
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  int loaded = 0;
  for (const std::string& path : paths) {
    CAPTURE(path);
    try {
      const Topology topology = load_topology(path);
      const DelayMatrix delays = shortest_path_delays(topology);
      REQUIRE(delays.size() == topology.sites.size());
      ++loaded;
    } catch (const std::runtime_error& error) {
      UNSCOPED_INFO(error.what());
      CHECK_THAT(error.what(), Contains("no coordinates"));
    }
  }
  CHECK(paths.size() == 272);
  CHECK(loaded == 255);  // 16 files give no coordinates at all, JanetExternal none in its larger part
}

TEST_CASE("the Abilene backbone has its eleven cities and plausible delays") {
  const auto path = data_set("topology/zoo_graphml/graphml/Abilene.graphml");
  if (!path) {
    WARN("skipped: PEERBED_DATA names no folder of data sets");
    return;
  }
  const Topology topology = load_topology(*path);
  CHECK(topology.sites.size() == 11);
  CHECK(topology.links.size() == 14);
  const DelayMatrix delays = shortest_path_delays(topology);
  const auto new_york = delays.find("New York");
  const auto los_angeles = delays.find("Los Angeles");
  REQUIRE(new_york);
  REQUIRE(los_angeles);
  CHECK(delays(*new_york, *los_angeles) == delays(*los_angeles, *new_york));
  // 3940 km as the crow flies take 29.6 ms; the backbone's route is longer.
  CHECK(delays(*new_york, *los_angeles) > 29ms);
  CHECK(delays(*new_york, *los_angeles) < 45ms);
}

}  // namespace peerbed::sim
