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
#include "scenarios/plan/action.h"
#include "scenarios/protocol/protocol.h"
#include "scenarios/text/document.h"
#include "sim/network/backbone.h"
#include "sim/random/churn.h"
#include "sim/random/distribution.h"

namespace peerbed::scenarios {

constexpr std::size_t maximum_nodes = 10'000'000;
constexpr Duration maximum_run_length = std::chrono::hours{24 * 365 * 5};

struct Joining {
  Duration at{};       // the first one starts
  Duration spacing{};  // and each later one so long after the one before it
};

struct Group {
  GroupPlan plan;
  std::shared_ptr<const Protocol> protocol;
  Joining joining;  // for StartMode::joining
  std::optional<sim::LinkLimit> uplink;
  std::optional<sim::LinkLimit> downlink;
  sim::DiskModel storage;
  std::vector<std::string> on_start;  // commands that each process of the group's nodes is given when it begins
  std::vector<sim::SiteIndex> sites;  // given ones, dealt out in turn; empty: placed by the network's latency model
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

enum class Placement : std::uint8_t { in_turn, random, by_population };

struct NetworkPlan {
  PathChange path;
  Placement placement = Placement::in_turn;
  std::vector<double> site_weights;  // of the sites, for by_population
  sim::Backbone backbone;            // the links of a topology that have a rate
  std::vector<PathBetweenGroups> between;
  std::vector<PathBetweenNodes> pairs;
  sim::StreamOptions streams;
  AddressFamily family = AddressFamily::ipv4;
};

// One stream of commands. Each is given to a node that runs at that time, drawn from `nodes`.
struct Workload {
  Nodes nodes;
  bool each = false;  // every one of them is given it, each time
  std::string line;   // with {key}, {number}, {below:N}, {text:N} to be filled in
  Duration from{};
  Duration until{};
  Duration period{};     // mean time between two commands; zero: one command at `from`
  bool poisson = false;  // intervals are exponential, else all alike
  std::uint64_t times = UINT64_MAX;
};

// Which nodes a fault affects: all of these, or a number or share of them drawn at random from those that are up (or
// down, for a start) at that time.
struct Selection {
  Nodes nodes;
  std::optional<std::uint64_t> number;
  std::optional<double> share;
};

// A fault as written: the action, and which nodes it affects. Lowering fills in the nodes of the action.
struct Fault {
  Duration at{};
  Action action;
  Selection selection;
  Selection others;                // the other side of a partition or clog
  std::optional<Duration> length;  // then it is undone
  // A rolling restart: one node after the other, each down for `length`.
  bool rolling = false;
  bool graceful = false;
  Duration spacing{};
};

struct SessionChurn {
  Nodes nodes;
  sim::Distribution session;  // ns
  sim::Distribution down;     // ns
  sim::ChurnStart begin = sim::ChurnStart::fresh_sessions;
};
struct Arrivals {  // Poisson
  Nodes nodes;
  Duration mean_interval{};
  std::optional<sim::Distribution> session;  // ns; absent: they stay
};
struct FlashCrowd {
  Nodes nodes;
  Duration within{};
  std::optional<sim::Distribution> session;
};
struct ChurnTrace {
  Nodes nodes;
  std::shared_ptr<const sim::AvailabilityTrace> trace;
};

struct Churn {
  std::variant<SessionChurn, Arrivals, FlashCrowd, ChurnTrace> form;
  Duration from{};
  Duration until{};
  double graceful = 0;  // the share of sessions that end with a leave rather than a crash
  Disk disk = Disk::keep;
  Place place;  // in the file
};

// What a run may take before it is ended; what is not said is as for any run (scenarios/run/run_limits.h).
struct Limits {
  std::optional<std::uint64_t> events;
  std::optional<std::uint64_t> memory;   // bytes of what is under way
  std::optional<std::uint64_t> instant;  // events within a microsecond
};

enum class Comparison : std::uint8_t { less, at_most, equal, not_equal, at_least, more };

struct MetricExpectation {
  std::string metric;
  Comparison comparison = Comparison::equal;
  double value = 0;
  std::vector<Unit> units;  // that the value as written can be meant in
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
  Duration measure_from{};  // what nodes trace before is not counted
  Duration check_period{};
  Duration settle{};  // without disturbance, before properties that take time are checked
  Limits limits;
  NetworkPlan network;
  std::vector<Group> groups;
  std::vector<Workload> workload;
  std::vector<Churn> churn;
  std::vector<Fault> faults;
  std::vector<Expectation> expectations;
  bool show_lines = false;                // what nodes print belongs to the result
  std::vector<std::string> hidden_lines;  // but for lines that contain one of these
  bool is_lowered = false;                // its faults are those of a run, and may be without effect

  Document document;  // that all this was read from, with overrides and parameters in place

  std::size_t node_count() const noexcept;
  // The group of a node, and its name for people: "peer 8", or "nodes.7".
  const Group& group_of(NodeIndex node) const;
  std::string name_of(NodeIndex node) const;
};

// Flags that override the file: a path of keys, or a parameter's name, and a value.
struct Override {
  std::string path;
  std::string value;
  std::string source;  // for error messages: "--set seed=7"
};

// Throws ScenarioError for anything that is not as docs/scenarios.md says.
Scenario load_scenario(Document document, const Registry& registry, const std::vector<Override>& overrides = {});
Scenario load_scenario(const std::string& file, const Registry& registry, const std::vector<Override>& overrides = {},
                       const DocumentLimits& limits = {});

}  // namespace peerbed::scenarios
