#pragma once
// What the process that runs a scenario asks of a node's process, as lines of JSON. The answers are NodeReports.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace peerbed::scenarios {

// The first request: start the node, in a scenario that began (or begins) then.
struct BeginNode {
  std::chrono::steady_clock::time_point epoch;
};
struct CommandNode {
  std::string line;
};
// Leave gracefully.
struct DismissNode {};
// Report the visible state, for the look with that number.
struct ShowNode {
  std::uint64_t look = 0;
};
// Carry out the change of the network with that number among the scenario's.
struct ChangeNodeNetwork {
  std::uint64_t change = 0;
};
// The scenario is over.
struct EndNode {};

using NodeRequest = std::variant<BeginNode, CommandNode, DismissNode, ShowNode, ChangeNodeNetwork, EndNode>;

// With its newline.
std::string write_request(const NodeRequest& request);
// Nothing if the line is not a request.
std::optional<NodeRequest> read_request(std::string_view line);

}  // namespace peerbed::scenarios
