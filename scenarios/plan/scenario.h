#pragma once
// A typed experiment: everything in a scenario file, checked and with defaults filled in. docs/scenarios.md describes
// the file; schema.json describes it for editors.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocols/environment/time.h"
#include "scenarios/check/check_plan.h"
#include "scenarios/plan/action.h"
#include "scenarios/plan/search_plan.h"
#include "scenarios/protocol/protocol.h"
#include "scenarios/text/document.h"
#include "sim/network/backbone.h"
#include "sim/network/gateways.h"
#include "sim/network/geography.h"
#include "sim/random/churn.h"
#include "sim/random/distribution.h"
#include "sim/streams/stream_options.h"

namespace peerbed::scenarios {

constexpr std::size_t maximum_nodes = 10'000'000;
constexpr Duration maximum_run_length = std::chrono::hours{24 * 365 * 5};

struct Joining {
  Duration at{};       // of the first start
  Duration spacing{};  // between starts
};

struct Group {
  GroupPlan plan;
  std::shared_ptr<const Protocol> protocol;
  Joining joining;  // for StartMode::joining
  std::optional<sim::LinkLimit> uplink;
  std::optional<sim::LinkLimit> downlink;
  std::optional<sim::NatPlan> nat;
  bool is_behind_firewall = false;
  sim::DiskModel storage;
  std::vector<std::string> on_start;  // commands given to each process of the group's nodes when it starts
  std::vector<sim::SiteIndex> sites;  // assigned round robin; empty: the network's latency model chooses
};

struct PathBetweenGroups {
  sim::GroupIndex from = 0;
  sim::GroupIndex to = 0;
  PathChange change;
};
struct PathBetweenNodes {
  NodeIndex from = 0;
  NodeIndex to = 0;
  PathChange change;
};

// The rates of the links of each host at a site, where its group gives none; zero: unlimited.
struct SiteLinks {
  sim::Rate uplink;
  sim::Rate downlink;
};

// Traffic of others, which takes its rate from the links that it crosses.
struct CrossTraffic {
  // One of these: a link of each node, or the path from one site to another.
  Nodes uplinks;
  Nodes downlinks;
  std::optional<std::pair<sim::SiteIndex, sim::SiteIndex>> path;
  sim::Rate rate;             // of a source while it sends
  std::uint64_t sources = 1;  // of each link or path
  // A source sends and pauses in turn (nanoseconds); or it has transfers, one or several at a time; or it always sends.
  std::optional<sim::Distribution> on;
  std::optional<sim::Distribution> off;
  struct Transfers {  // a Poisson process; sizes are Pareto
    Duration mean_interval{};
    double mean_size = 0;  // bytes
    double shape = 0;
  };
  std::optional<Transfers> transfers;
  Duration from{};
  Duration until = Duration::max();
};

enum class Placement : std::uint8_t { in_turn, random, by_population };

struct NetworkPlan {
  PathChange path;
  Placement placement = Placement::in_turn;
  std::vector<double> site_weights;                            // per site, for by_population
  std::vector<sim::SiteIndex> eligible;                        // sites where hosts may be placed; empty: all
  std::vector<std::optional<sim::GeographicPoint>> locations;  // per site of a topology
  std::vector<std::uint32_t> parts;   // per site, if not all can reach one another: TopologySite::part
  sim::Backbone backbone;             // the topology's links that have a rate
  std::vector<SiteLinks> site_links;  // per site, of a topology
  std::vector<CrossTraffic> cross_traffic;
  std::vector<PathBetweenGroups> between;
  std::vector<PathBetweenNodes> pairs;
  sim::StreamOptions streams;
  AddressFamily family = AddressFamily::ipv4;
  std::vector<std::string> remarks;  // what the author may not expect of the files that the network names
};

// A stream of commands. Each goes to a running node drawn from `nodes`.
struct Workload {
  Nodes nodes;
  bool each = false;  // each command goes to all running nodes
  std::string line;   // with placeholders {key}, {number}, {below:N}, {text:N}
  Duration from{};
  Duration until{};
  Duration period{};     // mean time between two commands; zero: one command at `from`
  bool poisson = false;  // exponential intervals, otherwise constant ones
  std::uint64_t times = UINT64_MAX;
};

// Which nodes a fault affects: all of these, or a number or share of them drawn at random from those that are up (or
// down, for a start) at that time.
struct Selection {
  Nodes nodes;
  std::optional<std::uint64_t> number;
  std::optional<double> share;
};

// A fault as written: the action, and which nodes it affects. Lowering fills in the action's nodes.
struct Fault {
  Duration at{};
  Action action;
  Selection selection;
  Selection others;                // the other side of a partition or clog
  std::optional<Duration> length;  // after which it is undone
  // A rolling restart: one node after the other, each down for `length`.
  bool rolling = false;
  bool graceful = false;
  Duration spacing{};
};

struct SessionChurn {
  Nodes nodes;
  sim::Distribution session;  // nanoseconds
  sim::Distribution down;     // nanoseconds
  sim::ChurnStart begin = sim::ChurnStart::fresh_sessions;
  sim::ChurnMeans means = sim::ChurnMeans::common;
};
struct Arrivals {  // a Poisson process
  Nodes nodes;
  Duration mean_interval{};
  std::optional<sim::Distribution> session;  // nanoseconds; absent: nodes stay
};
struct FlashCrowd {
  Nodes nodes;
  Duration within{};
  std::optional<sim::Distribution> session;
};
struct ChurnTrace {
  Nodes nodes;
  std::shared_ptr<const sim::AvailabilityTrace> trace;  // of the host that each node follows, from `Churn::from` on
};

struct Churn {
  std::variant<SessionChurn, Arrivals, FlashCrowd, ChurnTrace> form;
  Duration from{};
  Duration until{};
  double graceful = 0;  // share of sessions that end with a leave rather than a crash
  Disk disk = Disk::keep;
  Position position;                 // position in the file
  std::vector<std::string> remarks;  // what the author may not expect of a trace
};

const Nodes& nodes_of(const Churn& churn);

// Limits at which a run is ended; absent ones have the defaults of scenarios/run/run_limits.h.
struct Limits {
  std::optional<std::uint64_t> events;
  std::optional<std::uint64_t> memory;   // bytes of pending events
  std::optional<std::uint64_t> instant;  // events within a microsecond
};

enum class Comparison : std::uint8_t { less, at_most, equal, not_equal, at_least, more };

struct MetricExpectation {
  std::string metric;
  Comparison comparison = Comparison::equal;
  double value = 0;
  std::vector<Unit> units;  // units in which the value as written can be meant
};
// A node prints a line that contains `text`.
struct PrintedExpectation {
  NodeIndex node = 0;
  std::string text;
};
struct Expectation {
  std::string text;  // as written
  std::variant<MetricExpectation, PrintedExpectation> form;
};

struct Scenario {
  std::string name;
  std::string description;
  std::uint64_t seed = 1;
  Duration duration{};
  Duration measure_from{};  // what nodes trace before this is not counted
  Duration check_period{};
  bool checks_changes = false;  // properties are also checked after each action and each event in which a node traced
  bool judges_history = false;  // of what nodes put and got
  Duration settle{};            // time without disturbance before properties that need time are checked
  std::vector<std::string> always;   // properties demanded at each look, whatever happened
  std::vector<std::string> finally;  // those demanded at the end
  Limits limits;
  NetworkPlan network;
  std::vector<Group> groups;
  std::vector<Workload> workload;
  std::vector<Churn> churn;
  std::vector<Fault> faults;
  std::vector<Expectation> expectations;
  SearchPlan search;
  std::optional<CheckPlan> check;
  bool show_lines = false;                // the result includes what nodes print
  std::vector<std::string> hidden_lines;  // except lines that contain one of these
  bool is_lowered = false;                // its faults come from a run, and may have no effect
  std::vector<std::string> remarks;       // what its author may not expect

  Document document;  // what this was read from, with overrides and parameters applied

  std::size_t node_count() const noexcept;
  // The group of a node, and its display name: "peer 8", or "nodes.7".
  const Group& group_of(NodeIndex node) const;
  std::string name_of(NodeIndex node) const;
};

// An override of the file from the command line: a path of keys, or a parameter's name, and a value.
struct Override {
  std::string path;
  std::string value;
  std::string source;  // for error messages: "--set seed=7"
};

// Throws ScenarioError for anything that docs/scenarios.md does not allow.
Scenario load_scenario(Document document, const Registry& registry, const std::vector<Override>& overrides = {});
Scenario load_scenario(const std::string& file, const Registry& registry, const std::vector<Override>& overrides = {},
                       const DocumentLimits& limits = {});

}  // namespace peerbed::scenarios
