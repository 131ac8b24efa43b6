#pragma once
// A Kademlia network in the simulator, for tests: hosts that begin converged or join, and what their nodes trace and
// print.

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocols/kademlia/node.h"
#include "sim/engine/world.h"

namespace peerbed::kademlia {

using namespace std::chrono_literals;

class KademliaWorld final : private Observer {
 public:
  struct Entry {
    Time time;
    NodeIndex node = 0;
    TraceValues values{};
  };

  // `count` hosts of which the first `settled` begin with full tables; the others, and all that restart, join through
  // host 0.
  KademliaWorld(const Options& options, std::size_t count, std::size_t settled, std::uint64_t seed = 1)
      : options_(std::make_shared<const Options>(options)), world_({.seed = seed}) {
    for (std::size_t i = 0; i < count; ++i)
      contacts_.push_back({expanded(key_of(seed, 0x4B41, i)), sim::address_of(static_cast<NodeIndex>(i))});
    std::vector<Contact> members(contacts_.begin(), contacts_.begin() + static_cast<std::ptrdiff_t>(settled));
    std::sort(members.begin(), members.end());
    world_.add_population<Node>(
        count, [this, members, settled, seed, made = std::vector<bool>(count)](NodeIndex node) mutable {
          const bool is_first = !made[node];
          made[node] = true;
          if (is_first && node < settled) {
            const auto own = std::lower_bound(members.begin(), members.end(), contacts_[node]);
            return Node::converged(options_, members, static_cast<std::size_t>(own - members.begin()),
                                   KeyedStream(key_of(seed, 0x7AB1, node)));
          }
          const Address door = contacts_.front().address;
          return Node::joining(options_, contacts_[node].id,
                               node == 0 ? std::span<const Address>() : std::span<const Address>(&door, 1));
        });
    set_network(10ms);
    world_.observe(this);
  }
  KademliaWorld(const KademliaWorld&) = delete;
  KademliaWorld& operator=(const KademliaWorld&) = delete;

  sim::World& world() noexcept { return world_; }
  const Node& node(NodeIndex index) const { return world_.node<Node>(index); }
  const Contact& contact(NodeIndex index) const { return contacts_[index]; }
  std::size_t size() const noexcept { return contacts_.size(); }

  void set_network(Duration latency, double loss = 0) {
    world_.network().set_default(
        {.latency = sim::LatencyModel::constant(latency), .loss = sim::LossModel::independent(loss)});
  }
  // Starts hosts [first, end), so far apart.
  void start(NodeIndex first, std::size_t end, Duration apart = Duration{0}) {
    for (NodeIndex i = first; i < end; ++i) {
      world_.start(i);
      run_for(apart);
    }
  }
  void run_for(Duration duration) { world_.run_until(world_.now() + duration); }
  void command(NodeIndex node, const std::string& line) { world_.command(node, line); }
  bool runs(NodeIndex node) const { return world_.status(node) == sim::HostStatus::running; }

  // The running host that is closest to the key.
  NodeIndex closest_to(const Id& key) const {
    NodeIndex closest = 0;
    bool is_any = false;
    for (NodeIndex i = 0; i < contacts_.size(); ++i)
      if (runs(i) && (!is_any || is_closer(contacts_[i].id, contacts_[closest].id, key))) {
        closest = i;
        is_any = true;
      }
    return closest;
  }
  // The running hosts that hold a value for the key.
  std::vector<NodeIndex> holders(const Id& key) const {
    std::vector<NodeIndex> holders;
    for (NodeIndex i = 0; i < contacts_.size(); ++i)
      if (runs(i) && node(i).store().find(key, world_.now()) != nullptr) holders.push_back(i);
    return holders;
  }

  const std::vector<Entry>& of(TraceEvent event) { return entries_[event]; }
  std::uint64_t arrived(MessageKind kind) { return arrived_[kind.number]; }  // datagrams of this kind, anywhere
  const std::vector<std::string>& lines() const noexcept { return lines_; }
  void forget() {
    entries_.clear();
    lines_.clear();
  }

 private:
  void on_step(const Step& step) override {
    if (step.kind == StepKind::datagram) ++arrived_[message_kind(step.bytes)];
  }
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    entries_[static_cast<TraceEvent>(type)].push_back({time, node, values});
  }
  void on_line(Time, NodeIndex, std::string_view line) override { lines_.emplace_back(line); }

  std::shared_ptr<const Options> options_;
  std::vector<Contact> contacts_;
  std::map<TraceEvent, std::vector<Entry>> entries_;
  std::map<std::uint8_t, std::uint64_t> arrived_;
  std::vector<std::string> lines_;
  sim::World world_;
};

}  // namespace peerbed::kademlia
