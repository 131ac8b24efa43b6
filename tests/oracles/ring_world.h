#pragma once
// A ring in the simulator for comparison with theory: N nodes with uniform keys, converged at the start, and a record
// of its members and how their lookups ended.

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocols/ring/node.h"
#include "sim/engine/world.h"

namespace peerbed::oracles {

using namespace std::chrono_literals;

constexpr Duration latency = 10ms;  // of each path

struct LookupEnd {
  Time at;
  NodeIndex node = 0;
  std::uint64_t hops = 0;
  std::uint64_t timeouts = 0;
  bool success = false;  // there was an answer
  bool right = false;    // it named the member that owned the key at that instant, or when it answered
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
  const double variance = std::max(0.0, squares / count - mean * mean) * count / std::max(1.0, count - 1);
  return {mean, std::sqrt(variance), std::sqrt(variance / count)};
}

inline std::vector<double> hops_of(const std::vector<LookupEnd>& ends) {
  std::vector<double> hops;
  for (const LookupEnd& end : ends)
    if (end.right) hops.push_back(static_cast<double>(end.hops));
  return hops;
}

inline double quantile(std::vector<double> values, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

// In such a ring nothing happens but what a test does: no maintenance within ten days.
inline ring::Options still_options() {
  ring::Options options;
  options.stabilize_period = options.check_predecessor_period = options.fix_finger_period = options.repair_period =
      240h;
  options.forget_silent_fingers = false;
  options.lookup_timeout = 600s;
  options.lookup_attempts = 1;
  options.hop_timeout = options.initial_timeout = 100ms;
  options.hop_attempts = 1;
  return options;
}

class RingWorld final : private Observer {
 public:
  RingWorld(std::size_t count, ring::Options options, std::uint64_t seed = 1)
      : options_(std::make_shared<const ring::Options>(options)),
        keys_(key_of(seed, std::uint64_t{0x52494E47})),
        world_({.seed = seed}) {
    for (std::size_t i = 0; i < count; ++i)
      members_.push_back({ring::Key{keys_.next()}, sim::address_of(static_cast<NodeIndex>(i))});
    std::sort(members_.begin(), members_.end());
    index_.resize(count);
    for (std::size_t i = 0; i < count; ++i) index_[sim::node_at(members_[i].address)] = i;
    world_.add_population<ring::Node>(
        count, [this](NodeIndex node) { return ring::Node::converged(options_, members_, index_[node]); });
    world_.network().set_default({.latency = sim::LatencyModel::constant(latency)});
    world_.observe(this);
    for (NodeIndex node = 0; node < count; ++node) world_.start(node);
    for (const ring::Contact member : members_)
      present_.emplace_hint(present_.end(), member.key, sim::node_at(member.address));
  }
  RingWorld(const RingWorld&) = delete;
  RingWorld& operator=(const RingWorld&) = delete;

  sim::World& world() { return world_; }
  const std::vector<ring::Contact>& members() const { return members_; }  // at the start, sorted by key
  // The current members: from the instant when each has joined until it leaves or crashes.
  const std::map<ring::Key, NodeIndex>& present() const { return present_; }
  std::vector<LookupEnd>& ends() { return ends_; }
  const ring::Node& node(NodeIndex index) const { return world_.node<ring::Node>(index); }

  NodeIndex owner_of(ring::Key key) const {
    const auto owner = present_.lower_bound(key);
    return owner == present_.end() ? present_.begin()->second : owner->second;
  }
  // A uniformly drawn member.
  NodeIndex any_member(KeyedStream& draws) const {
    return std::next(present_.begin(), static_cast<std::ptrdiff_t>(draws.below(present_.size())))->second;
  }

  // A new host joins with a uniform key through `door`.
  void join(NodeIndex door) {
    const ring::Key key{keys_.next()};
    const Address address = sim::address_of(door);
    world_.start(world_.add_population<ring::Node>(1, [this, key, address](NodeIndex) {
      return ring::Node::joining(options_, key, {&address, 1});
    }));
  }
  void leave(NodeIndex node) {
    last_left_ = {world_.now(), this->node(node).self()};
    present_.erase(this->node(node).self());
    world_.leave(node);
  }
  void crash(NodeIndex node) {
    present_.erase(this->node(node).self());
    world_.crash(node, Disk::wipe);
  }

  // Looks up a uniform key from a uniform member.
  void look_up(KeyedStream& draws) {
    const NodeIndex from = any_member(draws);
    world_.command(from, "lookup " + std::to_string(draws.next()));
  }
  // Looks up `count` keys, `apart` from one another, then waits for the last.
  void look_up(std::size_t count, KeyedStream& draws, Duration apart, Duration wait) {
    for (std::size_t i = 0; i < count; ++i) {
      look_up(draws);
      world_.run_until(world_.now() + apart);
    }
    world_.run_until(world_.now() + wait);
  }

 private:
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    if (type == ring::index_of(ring::TraceEvent::joined)) present_.emplace(this->node(node).self(), node);
    if (type != ring::index_of(ring::TraceEvent::lookup_done)) return;
    const bool success = values[3] != 0;
    const bool right = success && (this->node(owner_of(answer_.key)).self() == answer_.owner || has_just_left(time));
    ends_.push_back({time, node, values[0], values[2], success, right});
  }
  // Whether the answer of an owner was on its way when that owner left and another took over.
  bool has_just_left(Time now) const {
    if (last_left_.key != answer_.owner || now - last_left_.at > latency) return false;
    constexpr ring::KeySpace space(64);
    const NodeIndex heir = owner_of(last_left_.key);
    const ring::Key end = node(heir).self();
    return owner_of(answer_.key) == heir && space.distance(last_left_.key, end) <= space.distance(answer_.key, end);
  }
  // A node prints whom it found just before it reports the lookup's end.
  void on_line(Time, NodeIndex, std::string_view line) override {
    std::sscanf(std::string(line).c_str(), "The owner of key %" SCNu64 " is node %" SCNu64, &answer_.key.value,
                &answer_.owner.value);
  }

  struct Answer {
    ring::Key key;
    ring::Key owner;
  };
  struct Departure {
    Time at;
    ring::Key key;
  };

  std::shared_ptr<const ring::Options> options_;
  KeyedStream keys_;
  std::vector<ring::Contact> members_;
  std::vector<std::size_t> index_;  // index of a host among the members
  std::map<ring::Key, NodeIndex> present_;
  std::vector<LookupEnd> ends_;
  Answer answer_;
  Departure last_left_;
  sim::World world_;
};

}  // namespace peerbed::oracles
