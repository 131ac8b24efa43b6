// Topologies of BRITE, Rocketfuel and CAIDA, as their own tools write them.

#include "sim/graphs/graph_file.h"
#include "sim/network/topology.h"
#include "tests/catch.h"
#include "tests/sim/temporary_file.h"

namespace peerbed::sim {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

// As in BRITE's manual, section "BRITE output format".
const std::string brite =
    "Topology: ( 4 Nodes, 4 Edges )\n"
    "Model (2 - RTBarabasi):  4 1000 100  1  2  1  10.0  1024.0  \n"
    "\n"
    "Nodes: ( 4 )\n"
    "0\t460.00\t60.00\t3\t3\t-1\tRT_NODE\n"
    "1\t852.00\t112.00\t2\t2\t-1\tRT_NODE\n"
    "2\t120.00\t899.00\t2\t2\t7\tRT_BORDER\n"
    "3\t12.00\t90.00\t1\t1\t-1\tRT_NODE\n"
    "\n"
    "Edges: ( 4 )\n"
    "0\t0\t1\t395.4339393601\t1.319025639\t10.0\t-1\t-1\tE_RT\tU\n"
    "1\t1\t2\t1075.2\t3.5865\t100.0\t-1\t7\tE_RT\tU\n"
    "2\t0\t2\t905.24\t3.0195\t1024.0\t-1\t7\tE_RT\tU\n"
    "3\t3\t0\t449.0\t1.4976\t-1.0\t-1\t-1\tE_RT\tD\n"
    "4\t0\t3\t449.0\t1.4976\t-1.0\t-1\t-1\tE_RT\tD\n";

// As Rocketfuel's README.cch describes: an external neighbour, a backbone router, an alias with an exclamation mark.
const std::string map_of_routers =
    "1 @San+Jose,+CA + bb (3) &1 -> <2> <3> <4> {-1} =sjc1.example.net! r0\n"
    "2 @San+Jose,+CA (1) -> <1> =sjc2.example.net r0\n"
    "3 @Chicago,+IL bb (2) -> <1> <4> =chi1.example.net r1\n"
    "4 @New+York,+NY bb (2) -> <1> <3> =nyc1.example.net r0\n"
    "-1 =gw.customer.example r1\n";

const std::string latencies =
    "Chicago,+IL361 New+York,+NY287 9\n"
    "New+York,+NY287 Chicago,+IL361 11\n"
    "Chicago,+IL361 San+Jose,+CA12 24.5\n";

// 1 and 2 are peers at the top. 3 and 4 are customers of 1, 5 of 2; 3 and 5 are peers; 6 is a customer of 3 and 5.
const std::string relations =
    "# source:topology|BGP|20190601|routeviews|route-views2\n"
    "1|2|0|bgp\n"
    "1|3|-1|bgp\n"
    "1|4|-1|bgp\n"
    "2|5|-1|bgp\n"
    "3|5|0|mlp\n"
    "3|6|-1|bgp\n"
    "5|6|-1|bgp\n";

// Fractions of milliseconds are rounded up to nanoseconds.
bool is_about(Duration delay, Duration expected) { return delay >= expected && delay <= expected + 2ns; }

std::string complaint(const std::string& text, const TopologyOptions& options = {}) {
  try {
    shortest_path_delays(load_topology(TemporaryFile(text).path(), options));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a topology of BRITE has its delays in ms and its bandwidths in Mbit a second") {
  const TemporaryFile file(brite);
  TopologyOptions options;
  options.rate_attribute = "bandwidth";
  const Topology topology = load_topology(file.path(), options);
  REQUIRE(topology.sites.size() == 4);
  REQUIRE(topology.links.size() == 5);
  CHECK(is_about(topology.links[0].delay, 1'319'025ns));
  CHECK(topology.links[0].rate.bits_per_second == 10'000'000);
  CHECK(topology.links[2].rate.bits_per_second == 1'024'000'000);
  CHECK(topology.links[3].rate.bits_per_second == 0);
  CHECK_FALSE(topology.links[0].one_way);
  CHECK(topology.links[3].one_way);
  const DelayMatrix delays = shortest_path_delays(topology);
  CHECK(is_about(delays(1, 2), 3'586'500ns));
  CHECK(is_about(delays(3, 1), 1'497'600ns + 1'319'025ns));
  // As BRITE's Java version writes models of two levels.
  const Topology levels = load_topology(
      TemporaryFile("Topology: ( 2 Nodes, 1 Edges )\nModel (5 - TopDown)\nModel (3 - ASWaxman):  1 1\nModel (1 - "
                    "RTWaxman):  1 1\n\n"
                    "Nodes: (2)\n0\t1\t3\t3\t3\t0\tRT_BORDER\n1\t0\t3\t3\t3\t1\tRT_BORDER\n\n\nEdges: (1):\n"
                    "0\t0\t1\t3.0\t1.5\t10.0\t0\t1\tE_RT_BORDER\tU\n")
          .path());
  CHECK(levels.links.at(0).delay == 1500us);
  CHECK_THAT(complaint(brite.substr(0, brite.find("2\t0\t2"))),
             Contains("there are only 2 of 4 edges; give the whole file"));
  CHECK_THAT(complaint("Topology: ( 1 Nodes, 1 Edges )\nNodes: ( 1 )\n0 1 1\nEdges: ( 1 )\n0 0 0 x\n"),
             Contains(":5: this is not an edge"));
}

TEST_CASE("a map of Rocketfuel has the provider's routers and their links, once") {
  const TemporaryFile file(map_of_routers);
  const GraphFile graph = read_graph_file(file.path());
  REQUIRE(graph.nodes.size() == 4);
  CHECK(graph.edges.size() == 4);
  CHECK(graph.nodes[0].attributes.at("label") == "sjc1.example.net");
  CHECK(graph.nodes[0].attributes.at("location") == "San+Jose,+CA");
  CHECK(graph.nodes[0].attributes.contains("backbone"));
  CHECK_FALSE(graph.nodes[1].attributes.contains("backbone"));
  TopologyOptions options;
  options.usual_latency = 10ms;
  const DelayMatrix delays = shortest_path_delays(load_topology(file.path(), options));
  CHECK(delays.names()[3] == "nyc1.example.net");
  CHECK(delays(1, 3) == 20ms);
  CHECK_THAT(complaint(map_of_routers), Contains("has no latency"));
}

TEST_CASE("weights and latencies of Rocketfuel have each direction, or one for both") {
  TopologyOptions options;
  options.latency_attribute = "weight";
  const Topology topology = load_topology(TemporaryFile(latencies).path(), options);
  const DelayMatrix delays = shortest_path_delays(topology);
  const auto between = [&](const char* from, const char* to) { return delays(*delays.find(from), *delays.find(to)); };
  CHECK(between("Chicago,+IL361", "New+York,+NY287") == 9ms);
  CHECK(between("New+York,+NY287", "Chicago,+IL361") == 11ms);
  CHECK(between("San+Jose,+CA12", "Chicago,+IL361") == 24'500us);
  CHECK_THAT(complaint("a b 1\na b 2\n", options), Contains(":2: the link is given twice"));
}

TEST_CASE("paths between autonomous systems are valley-free") {
  const TemporaryFile file(relations);
  TopologyOptions options;
  options.usual_latency = 10ms;
  const Topology topology = load_topology(file.path(), options);
  CHECK(topology.has_relations);
  const DelayMatrix delays = shortest_path_delays(topology);
  const auto hops = [&](const char* from, const char* to) {
    return delays(*delays.find(from), *delays.find(to)) / 10ms;
  };
  CHECK(hops("3", "5") == 1);  // between peers
  CHECK(hops("4", "3") == 2);  // up to the common provider, and down
  CHECK(hops("6", "4") == 3);  // up twice and down
  // 4-1-3-5 would be shorter, but goes over peers after it has gone down; 4-1-2-5 does not.
  CHECK(hops("4", "5") == 3);
  // Down to 6 and up again would be a valley: without their link, 3 and 5 are three apart through the top.
  std::string without = relations;
  without.erase(without.find("3|5|0|mlp\n"), 10);
  const DelayMatrix longer = shortest_path_delays(load_topology(TemporaryFile(without).path(), options));
  CHECK(longer(*longer.find("3"), *longer.find("5")) == 30ms);
  CHECK_THAT(complaint("1|2|0\n2|3|0\n", options), Contains("there is no valley-free path from 1 to 3"));
  CHECK_THAT(complaint("1|2|-1\n2|1|-1\n", options), Contains(":2: the relation between 2 and 1 differs"));
  CHECK_THAT(complaint("1|2|-1\n1|2|0\n", options), Contains(":2: the relation between 1 and 2 differs"));
  CHECK(complaint("1|2|0\n2|1|0\n1|3|-1\n1|3|-1\n", options).empty());
  CHECK_THAT(complaint("1|2|3\n", options), Contains(":1: the relation is \"3\""));
  CHECK_THAT(complaint("1|2|0\nx|3|0\n", options), Contains(":2: write provider|customer|-1"));
}

TEST_CASE("links have loss, jitter and disciplines, and nodes the rates of hosts, by their attributes") {
  // As Shadow's documentation has it.
  const TemporaryFile file(
      "graph [ directed 0\n"
      "node [ id 0 label \"a\" host_bandwidth_up \"81920 Kibit\" host_bandwidth_down \"1 Gbit\" ]\n"
      "node [ id 1 label \"b\" host_bandwidth_up \"10 Mbit\" ]\n"
      "edge [ source 0 target 0 latency \"50 ms\" packet_loss 0.25 ]\n"
      "edge [ source 0 target 1 latency \"20 ms\" jitter \"2 ms\" packet_loss 0.05 aqm \"fq-codel\" ] ]");
  TopologyOptions options;
  options.latency_attribute = "latency";
  options.loss_attribute = "packet_loss";
  options.jitter_attribute = "jitter";
  options.discipline_attribute = "aqm";
  options.uplink_attribute = "host_bandwidth_up";
  options.downlink_attribute = "host_bandwidth_down";
  const Topology topology = load_topology(file.path(), options);
  CHECK(topology.sites[0].uplink.bits_per_second == 81'920 * 1024);
  CHECK(topology.sites[0].downlink.bits_per_second == 1'000'000'000);
  CHECK(topology.sites[1].downlink.bits_per_second == 0);
  REQUIRE(topology.links.size() == 2);
  const TopologyLink& loop = topology.links[0];
  CHECK(loop.from == loop.to);
  CHECK(loop.loss == 0.25);
  CHECK(topology.links[1].loss == 0.05);
  CHECK(topology.links[1].jitter == 2ms);
  CHECK(topology.links[1].discipline == Discipline::fq_codel);
  const std::string plain = "graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 latency 1 packet_loss ";
  CHECK_THAT(complaint(plain + "1.5 ] ]", {.latency_attribute = "latency", .loss_attribute = "packet_loss"}),
             Contains("has \"1.5\" for packet_loss; give a share from 0 to 1"));
  CHECK_THAT(complaint(plain + "0 ] ]", {.latency_attribute = "latency", .uplink_attribute = "up"}),
             Contains("nodes have no attribute \"up\""));
}

}  // namespace peerbed::sim
