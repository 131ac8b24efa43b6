#pragma once
// A ring in the simulator for comparison with theory: N nodes with uniform keys, converged at the start, and a record
// of how their lookups ended.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocols/ring/node.h"
#include "sim/world.h"

namespace peerbed::oracles {

using namespace std::chrono_literals;

struct LookupEnd {
  Time at;
  sim::NodeIndex node = 0;
  std::uint64_t hops = 0;
  std::uint64_t timeouts = 0;
  bool success = false;
};

class LookupRecord final : public sim::Observer {
 public:
  void on_trace(Time time, sim::NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    if (type == ring::index_of(ring::TraceEvent::lookup_done))
      ends.push_back({time, node, values[0], values[2], values[3] != 0});
  }
  std::vector<LookupEnd> ends;
};

struct Moments {
  double mean = 0;
  double deviation = 0;
  double standard_error = 0;
};

template <class Values>
Moments moments(const Values& values) {
  double sum = 0;
  double squares = 0;
  for (const auto value : values) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const auto count = static_cast<double>(values.size());
  const double mean = sum / count;
  const double variance = std::max(0.0, squares / count - mean * mean);
  return {mean, std::sqrt(variance), std::sqrt(variance / count)};
}

inline std::vector<double> hops_of(const std::vector<LookupEnd>& ends) {
  std::vector<double> hops;
  for (const LookupEnd& end : ends)
    if (end.success) hops.push_back(static_cast<double>(end.hops));
  return hops;
}

inline double quantile(std::vector<double> values, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

// Nothing but what a test does happens in such a ring: no maintenance within ten days.
inline ring::Options still_options() {
  ring::Options options;
  options.stabilize_period = options.check_predecessor_period = options.fix_finger_period = options.repair_period =
      240h;
  options.forget_silent_fingers = false;
  options.lookup_timeout = 600s;
  options.lookup_attempts = 1;
  options.hop_timeout = 100ms;
  options.hop_attempts = 1;
  return options;
}

class RingWorld {
 public:
  RingWorld(std::size_t count, ring::Options options, std::uint64_t seed = 1, std::size_t spares = 0)
      : options_(std::make_shared<const ring::Options>(options)), world_({.seed = seed}) {
    KeyedStream keys(key_of(seed, std::uint64_t{0x52494E47}));
    for (std::size_t i = 0; i < count; ++i)
      members_.push_back({ring::Key{keys.next()}, sim::address_of(static_cast<sim::NodeIndex>(i))});
    std::sort(members_.begin(), members_.end());
    place_.resize(count);
    for (std::size_t i = 0; i < count; ++i) place_[sim::node_at(members_[i].address)] = i;
    world_.add_population<ring::Node>(
        count, [this](sim::NodeIndex node) { return ring::Node::converged(options_, members_, place_[node]); });
    // Nodes that may join later, each through a member.
    const auto spare_key = [seed](sim::NodeIndex node) { return ring::Key{key_of(seed, std::uint64_t{1}, node)}; };
    if (spares > 0)
      world_.add_population<ring::Node>(spares, [this, spare_key](sim::NodeIndex node) {
        return ring::Node::joining(options_, spare_key(node), doors_);
      });
    world_.network().set_default({.latency = sim::LatencyModel::constant(10ms)});
    world_.observe(&record_);
    for (sim::NodeIndex node = 0; node < count; ++node) world_.start(node);
  }
  RingWorld(const RingWorld&) = delete;
  RingWorld& operator=(const RingWorld&) = delete;

  sim::World& world() { return world_; }
  const std::vector<ring::Contact>& members() const { return members_; }  // in the order of their keys
  std::vector<LookupEnd>& ends() { return record_.ends; }
  const ring::Node& node(sim::NodeIndex index) const { return world_.node<ring::Node>(index); }
  // Through whom the next node joins.
  void set_doors(std::vector<Address> doors) { doors_ = std::move(doors); }

  // One lookup of a uniform key from a uniform live node, `apart` later than the one before; then waits for the last.
  void look_up(std::size_t count, KeyedStream& draws, Duration apart, Duration wait) {
    for (std::size_t i = 0; i < count; ++i) {
      sim::NodeIndex from = 0;
      do from = static_cast<sim::NodeIndex>(draws.below(world_.size()));
      while (world_.status(from) != sim::HostStatus::running);
      world_.command(from, "lookup " + std::to_string(draws.next()));
      world_.run_until(world_.now() + apart);
    }
    world_.run_until(world_.now() + wait);
  }

 private:
  std::shared_ptr<const ring::Options> options_;
  std::vector<ring::Contact> members_;
  std::vector<std::size_t> place_;  // of a host among the members
  std::vector<Address> doors_;
  LookupRecord record_;
  sim::World world_;
};

}  // namespace peerbed::oracles
