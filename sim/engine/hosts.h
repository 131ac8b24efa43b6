#pragma once
// The hosts of a world by number: what every event touches of them, their nodes, and how often these have drawn. A copy
// has nodes of its own.

#include <cstddef>
#include <memory>
#include <vector>

#include "protocols/environment/random.h"
#include "sim/core/host.h"
#include "sim/core/trace_digest.h"
#include "sim/core/types.h"
#include "sim/engine/node_array.h"

namespace peerbed::sim {

class Hosts {
 public:
  Hosts() = default;
  Hosts(const Hosts& other);
  Hosts(Hosts&&) = default;
  Hosts& operator=(const Hosts& other) { return *this = Hosts(other); }
  Hosts& operator=(Hosts&&) = default;
  ~Hosts() = default;

  // Adds `count` hosts that are down, for the nodes of a population that begins with the number size().
  void add(std::unique_ptr<NodeArray> population, std::size_t count);
  std::size_t size() const noexcept { return hosts_.size(); }
  std::size_t population_count() const noexcept { return populations_.size(); }
  std::vector<Host>& all() noexcept { return hosts_; }

  Host& operator[](NodeIndex node) noexcept { return hosts_[node]; }
  const Host& operator[](NodeIndex node) const noexcept { return hosts_[node]; }
  NodeArray& population(NodeIndex node) noexcept { return *populations_[hosts_[node].population]; }
  const NodeArray& population(NodeIndex node) const noexcept { return *populations_[hosts_[node].population]; }
  DrawCounts& draws(NodeIndex node) noexcept { return draws_[node]; }
  void prefetch(NodeIndex node) const noexcept { __builtin_prefetch(&hosts_[node]); }

  // The first host that has caused more than this many events; no_node if there is none.
  NodeIndex first_beyond(std::uint32_t sequence) const noexcept;
  // Of all that happened at the hosts so far.
  std::uint64_t digest() const;
  // All hosts with their nodes and timers.
  void append_state(TraceDigest& digest) const;

 private:
  std::vector<Host> hosts_;
  std::vector<DrawCounts> draws_;
  std::vector<std::unique_ptr<NodeArray>> populations_;
};

}  // namespace peerbed::sim
