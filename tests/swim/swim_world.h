#pragma once
// A SWIM group in the simulator, for tests: hosts that know each other or join, and what their nodes trace.

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocols/swim/node.h"
#include "sim/engine/world.h"

namespace peerbed::swim {

using namespace std::chrono_literals;

class SwimWorld final : private Observer {
 public:
  struct Entry {
    Time time;
    NodeIndex node = 0;
    TraceValues values{};
  };
  struct Sent {
    Time time;  // of arrival
    NodeIndex from = 0;
    NodeIndex to = 0;
  };

  // `count` hosts of which the first `settled` begin with full lists; the others, and all that restart, join through
  // host 0.
  SwimWorld(const Options& options, std::size_t count, std::size_t settled, std::uint64_t seed = 1)
      : options_(std::make_shared<const Options>(options)), world_({.seed = seed}) {
    std::vector<Address> members;
    for (NodeIndex i = 0; i < settled; ++i) members.push_back(sim::address_of(i));
    world_.add_population<Node>(count,
                                [this, members, settled, made = std::vector<bool>(count)](NodeIndex node) mutable {
                                  const bool is_first = !made[node];
                                  made[node] = true;
                                  if (is_first && node < settled)
                                    return Node::converged(options_, sim::address_of(node), members);
                                  const Address door = sim::address_of(node == 0 ? 1 : 0);
                                  const std::size_t doors = settled == 0 && node == 0 ? 0 : 1;
                                  return Node::joining(options_, sim::address_of(node), std::span(&door, doors));
                                });
    set_network(1ms);
    world_.observe(this);
  }
  SwimWorld(const SwimWorld&) = delete;
  SwimWorld& operator=(const SwimWorld&) = delete;

  sim::World& world() noexcept { return world_; }
  const Node& node(NodeIndex index) const { return world_.node<Node>(index); }

  void set_network(Duration latency, double loss = 0) {
    world_.network().set_default(
        {.latency = sim::LatencyModel::constant(latency), .loss = sim::LossModel::independent(loss)});
  }
  void start(NodeIndex first, std::size_t end) {
    for (NodeIndex i = first; i < end; ++i) world_.start(i);
  }
  void run_for(Duration duration) { world_.run_until(world_.now() + duration); }
  bool runs(NodeIndex node) const { return world_.status(node) != sim::HostStatus::down; }

  // Whether every running host lists the running hosts and nobody else.
  bool agree() const {
    for (NodeIndex i = 0; i < world_.size(); ++i)
      for (NodeIndex j = 0; runs(i) && j < world_.size(); ++j)
        if (node(i).lists(sim::address_of(j)) != runs(j)) return false;
    return true;
  }

  const std::vector<Entry>& of(TraceEvent event) { return entries_[event]; }
  const std::vector<Sent>& pings() const noexcept { return pings_; }  // that arrived
  const std::vector<std::string>& lines() const noexcept { return lines_; }
  void forget() {
    entries_.clear();
    pings_.clear();
  }

 private:
  void on_step(const Step& step) override {
    if (step.kind == StepKind::datagram && message_kind(step.bytes) == Ping::kind.number)
      pings_.push_back({step.time, step.source, step.destination});
  }
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    entries_[static_cast<TraceEvent>(type)].push_back({time, node, values});
  }
  void on_line(Time, NodeIndex, std::string_view line) override { lines_.emplace_back(line); }

  std::shared_ptr<const Options> options_;
  std::map<TraceEvent, std::vector<Entry>> entries_;
  std::vector<Sent> pings_;
  std::vector<std::string> lines_;
  sim::World world_;
};

}  // namespace peerbed::swim
