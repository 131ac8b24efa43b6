#include "scenarios/backends/on_sockets.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

#include "adapter/base/endpoint.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint32_t first_network = 77;
constexpr std::uint32_t last_network = 126;
constexpr std::uint16_t guard_port = 3999;
constexpr std::size_t descriptors_of_node = 16;  // sockets, directories, and some streams and files
constexpr std::size_t descriptors_of_process = 256;

constexpr std::uint32_t loopback(std::uint32_t network, std::uint32_t host) noexcept {
  return (127U << 24) | (network << 16) | host;
}

// A socket that only one process can have.
adapter::FileDescriptor guard_of(std::uint32_t network) {
  adapter::FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto address =
      adapter::to_socket_address(adapter::Endpoint::ipv4(loopback(network, 0xFFFE), guard_port), AF_INET);
  if (!socket || ::bind(socket.number(), address.get(), address.size) != 0) return {};
  return socket;
}

// Where the n-th fault stands in the file.
Position position_of_fault(const Scenario& scenario, std::size_t index) {
  const Value* faults = scenario.document.root.find("faults");
  if (faults == nullptr) return {scenario.name, 0, 0};
  const bool is_listed = faults->kind == Value::Kind::sequence && index < faults->elements.size();
  return scenario.document.position_of(is_listed ? faults->elements[index] : *faults);
}

// Why sockets cannot do it; empty when they can.
std::string lack_of(const Action& action, bool uses_streams, Hosting hosting) {
  const bool pauses = std::holds_alternative<PauseNodes>(action) || std::holds_alternative<ResumeNodes>(action);
  if (pauses && hosting == Hosting::in_process)
    return "nodes in one process cannot be paused individually; use --processes or --on sim";
  const bool cuts = std::holds_alternative<Partition>(action) || std::holds_alternative<Clog>(action);
  if (cuts && uses_streams)
    return "nodes with streams cannot be cut off over sockets, because the kernel carries the streams; use --on sim";
  if (std::holds_alternative<SetClock>(action))
    return "over sockets all nodes use the clock of this machine; use --on sim";
  if (std::holds_alternative<Lie>(action)) return "nodes cannot lie over sockets; use --on sim";
  if (std::holds_alternative<ChangeMessage>(action))
    return "single messages cannot be lost, doubled or delayed over sockets; use --on sim";
  if (std::holds_alternative<ChangeLinkRate>(action))
    return "links of a topology cannot be changed over sockets; use --on sim";
  if (std::holds_alternative<FireTimer>(action))
    return "over sockets timers fire by the clock of this machine alone; use --on sim";
  if (std::holds_alternative<ChangeStorage>(action))
    return "over sockets the disk of this machine cannot be changed; use --on sim";
  return {};
}

}  // namespace

LoopbackNetwork::LoopbackNetwork() {
  for (std::uint32_t network = first_network; network <= last_network && !guard_; ++network) {
    guard_ = guard_of(network);
    first_ = Address::ipv4(loopback(network, 1), sim::host_port);
  }
  if (!guard_)
    throw FileError("127." + std::to_string(first_network) + ".0.0 to 127." + std::to_string(last_network) +
                    ".0.0: other runs use all of these networks; wait until one of them ends");
}

Scenario at_addresses(Scenario scenario, Address first) {
  if (first.family() != scenario.network.family) {
    const Value& root = scenario.document.root;
    const Value* network = root.find("network");
    throw ScenarioError(scenario.document.position_of(network == nullptr ? root : *network),
                        "the loopback interface has one IPv6 address, but each node needs its own; use --netns or "
                        "--on sim");
  }
  for (Group& group : scenario.groups) group.plan.address = first;
  return scenario;
}

void refuse_what_sockets_lack(const Scenario& scenario, bool uses_streams, Hosting hosting) {
  const Value& root = scenario.document.root;
  const std::size_t most = hosting == Hosting::in_process ? most_nodes_in_process : most_processes;
  if (const std::size_t count = scenario.node_count(); count > most) {
    const Value* groups = root.find("groups");
    throw ScenarioError(scenario.document.position_of(groups == nullptr ? root : *groups),
                        "the scenario has " + show_count(count) + " nodes, but at most " + show_count(most) +
                            (hosting == Hosting::in_process ? " can run over sockets" : " can run as processes") +
                            "; use fewer");
  }
  for (const Group& group : scenario.groups) {
    const auto refuse = [&](const char* key, const std::string& why) {
      const Value* position = root.find("groups");
      for (const std::string& part : {group.plan.name, std::string(key)})
        if (position != nullptr && position->find(part) != nullptr) position = position->find(part);
      throw ScenarioError(scenario.document.position_of(position == nullptr ? root : *position),
                          why + "; remove `" + key + "`, or use --on sim");
    };
    if (group.storage != sim::DiskModel{}) refuse("storage", "over sockets nodes use the disk of this machine");
    if (group.nat) refuse("nat", "over sockets no addresses are translated");
    if (group.is_behind_firewall) refuse("firewall", "over sockets there are no firewalls");
  }
  for (const Group& group : scenario.groups)
    for (const auto& [key, link] : {std::pair("uplink", group.uplink), std::pair("downlink", group.downlink)}) {
      if (!link || !link->traits) continue;
      const Value* position = root.find("groups");
      for (const std::string& name : {group.plan.name, std::string(key)})
        if (position != nullptr && position->find(name) != nullptr) position = position->find(name);
      throw ScenarioError(scenario.document.position_of(position == nullptr ? root : *position),
                          "a discipline, loss or jitter of a link is not supported over sockets; use --on sim");
    }
  if (!scenario.network.backbone.empty()) {
    const Value* network = root.find("network");
    throw ScenarioError(scenario.document.position_of(network == nullptr ? root : *network),
                        "topology links with a rate, loss or jitter are not supported over sockets; use --on sim");
  }
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    if (const std::string lack = lack_of(scenario.faults[i].action, uses_streams, hosting); !lack.empty())
      throw ScenarioError(position_of_fault(scenario, i), lack);
}

void allow_descriptors(std::size_t nodes) {
  const rlim_t needed = nodes * descriptors_of_node + descriptors_of_process;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return;
  if (limit.rlim_max < needed)
    throw FileError("this process may open " + show_count(limit.rlim_max) + " files, but these nodes need " +
                    show_count(needed) + "; raise the limit (ulimit -n), or use fewer nodes");
  limit.rlim_cur = needed;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace peerbed::scenarios
