#pragma once
// The reports of a node in its own process, as lines of JSON: what it traced and printed, that it left, now and then
// its traffic, and on request its visible state.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapter/base/host_counters.h"
#include "protocols/environment/time.h"
#include "protocols/environment/trace.h"
#include "scenarios/backends/imposed_network.h"

namespace peerbed::scenarios {

// The process has read the scenario and is ready to start.
struct NodeReady {};
struct NodeTraced {
  Time time;
  std::uint16_t type = 0;
  TraceValues values{};
};
struct NodePrinted {
  Time time;
  std::string line;
};
struct NodeLeft {
  Time time;
};
// Since the process started.
struct NodeTraffic {
  std::vector<TrafficCount> sent;  // by kind
  adapter::HostCounters counters;
  ImposedNetwork::Fates fates;
  Duration late{};  // the longest that the machine delayed it
};
// The node's visible state (InspectableNode), for the look with that number.
struct NodeShown {
  std::uint64_t look = 0;
  std::vector<std::byte> state;
};

using NodeReport = std::variant<NodeReady, NodeTraced, NodePrinted, NodeLeft, NodeTraffic, NodeShown>;

// With its newline.
std::string write_report(const NodeReport& report);
// Nothing when the line is no report.
std::optional<NodeReport> read_report(std::string_view line);

// Adds the traffic of another process.
void add(NodeTraffic& sum, const NodeTraffic& other);

}  // namespace peerbed::scenarios
