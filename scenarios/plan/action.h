#pragma once
// Actions from outside on the world, as data: each ScheduledAction does one thing to named hosts at a fixed time.
// Faults and churn are generated as scheduled actions before a run begins, and can be written out and read back.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/disk.h"
#include "protocols/environment/time.h"
#include "scenarios/text/document.h"
#include "sim/core/types.h"
#include "sim/network/backbone.h"
#include "sim/network/latency.h"
#include "sim/network/loss.h"
#include "sim/network/message_deeds.h"
#include "sim/network/network.h"
#include "sim/random/distribution.h"
#include "sim/storage/disks.h"

namespace peerbed::scenarios {

using Nodes = std::vector<NodeIndex>;

// Conditions of a path; absent ones stay as they are.
struct PathChange {
  std::optional<sim::LatencyModel> latency;
  std::optional<sim::Distribution> jitter;
  std::optional<sim::LossModel> loss;
  std::optional<double> duplicate;
  std::optional<double> reorder;
  std::optional<Duration> reorder_delay;
  std::optional<double> corrupt;
  Value written;  // as in the scenario

  // These conditions, overridden by everything that `later` sets.
  PathChange changed_by(const PathChange& later) const;
  sim::PathConditions conditions() const;
};

struct StartNodes {
  Nodes nodes;
};
struct CrashNodes {
  Nodes nodes;
  Disk disk = Disk::keep;
};
struct LeaveNodes {
  Nodes nodes;
};
struct PauseNodes {
  Nodes nodes;
};
struct ResumeNodes {
  Nodes nodes;
};
// A line typed at each node's prompt.
struct Command {
  Nodes nodes;
  std::string line;
};
// A timer of each node, if it is set, fires now.
struct FireTimer {
  Nodes nodes;
  std::string timer;  // its name
};
// Nothing from one side reaches the other until the partition is healed by name.
struct Partition {
  std::string name;
  Nodes from;
  Nodes to;
  bool one_way = false;
};
// Ends the partition with this name, or all if the name is empty.
struct Heal {
  std::string name;
};
// What one side sends to the other waits for this long.
struct Clog {
  Nodes from;
  Nodes to;
  Duration length{};
};
// Changes conditions everywhere, or from one group to another. With `restore`, they return to the scenario's.
struct ChangeNetwork {
  std::optional<sim::GroupIndex> from;
  std::optional<sim::GroupIndex> to;
  bool restore = false;
  PathChange change;
};
struct SetClock {
  Nodes nodes;
  Duration offset{};
  std::int64_t drift_ppb = 0;
};
// Damages each datagram that the nodes send with this probability.
struct Lie {
  Nodes nodes;
  double probability = 0;
};

// Properties of a disk; absent ones stay as they are.
struct StorageChange {
  std::optional<sim::Rate> rate;
  std::optional<Duration> latency;
  std::optional<std::uint64_t> capacity;  // bytes
  std::optional<double> failing;          // share of operations that fail

  sim::DiskModel applied_to(sim::DiskModel model) const;
};
// Changes the nodes' disks. With `restore`, they return to their group's settings.
struct ChangeStorage {
  Nodes nodes;
  bool restore = false;
  StorageChange change;
};

// Changes the rates of the nodes' links. Without a rate, they return to their group's settings.
struct ChangeRate {
  Nodes nodes;
  bool uplink = true;
  bool downlink = true;
  std::optional<sim::Rate> rate;
};
// Changes the rate of the topology's links from one site to another, and back unless one_way. Without a rate, they
// return to the topology's settings.
struct ChangeLinkRate {
  sim::SiteIndex from = 0;
  sim::SiteIndex to = 0;
  bool one_way = false;
  std::optional<sim::Rate> rate;
};
// Whether a change is about this link.
inline bool is_meant(const ChangeLinkRate& change, const sim::BackboneLink& link) noexcept {
  return (link.from == change.from && link.to == change.to) ||
         (!change.one_way && link.from == change.to && link.to == change.from);
}

// Something happens to one message, counted from this action on.
struct ChangeMessage {
  sim::MessageDeed deed;
};

using Action =
    std::variant<StartNodes, CrashNodes, LeaveNodes, PauseNodes, ResumeNodes, Command, Partition, Heal, Clog,
                 ChangeNetwork, SetClock, Lie, ChangeStorage, ChangeMessage, FireTimer, ChangeRate, ChangeLinkRate>;

struct ScheduledAction {
  Duration at{};  // since the start of the run
  Action action;
};

}  // namespace peerbed::scenarios
