#pragma once
// The virtual world: hosts that run nodes, the network between them, and virtual time. It is a value: a copy is a
// snapshot that continues exactly as the original would. Events have one total order, (time, destination, source,
// per-source sequence), so the same inputs give the same trace with any queue, compiler, optimisation level or number
// of threads.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include "host/disk.h"
#include "host/observer.h"
#include "protocols/environment/contract.h"
#include "protocols/environment/node.h"
#include "sim/core/types.h"
#include "sim/engine/commons.h"
#include "sim/engine/event_handler.h"
#include "sim/engine/lane.h"
#include "sim/engine/lane_plan.h"
#include "sim/engine/node_array.h"
#include "sim/engine/node_failure.h"
#include "sim/engine/workers.h"
#include "sim/engine/world_options.h"

namespace peerbed::sim {

class World {
 public:
  explicit World(const WorldOptions& options);
  // A snapshot, without the original's observers.
  World(const World&);
  World(World&&) noexcept;
  World& operator=(const World& other);
  World& operator=(World&&) noexcept;
  ~World();

  // Adds `count` hosts, all down. `make` creates their processes: once now, and again at each start after a crash or an
  // exit. Returns the first of their consecutive numbers. Nodes of one population lie side by side in memory.
  template <Node N>
  NodeIndex add_population(std::size_t count, std::function<N(NodeIndex)> make) {
    const auto first = static_cast<NodeIndex>(commons_.hosts.size());
    add_hosts(std::make_unique<TypedNodeArray<N>>(first, count, std::move(make)), count);
    return first;
  }

  // Actions on a host at the present instant. Each returns false, and changes nothing, when the host's status does not
  // allow it, for example to crash a host that is down.
  bool start(NodeIndex node);
  bool crash(NodeIndex node, Disk disk);
  bool leave(NodeIndex node);  // asks the node to leave gracefully; the observer is told when it has left
  bool pause(NodeIndex node);
  bool resume(NodeIndex node);
  bool command(NodeIndex node, std::string_view line);
  // Lets a timer fire now, before its time; false as well if it is not set.
  bool fire_timer(NodeIndex node, TimerId timer);

  // From now on the node's clock is off by `offset` and gains drift_ppb nanoseconds a second. With both zero it is
  // correct again.
  void set_clock(NodeIndex node, Duration offset, std::int64_t drift_ppb);
  // Makes the node lie: each datagram and each range of content that it sends is damaged with this probability.
  void set_lying(NodeIndex node, double probability);

  // Gives a host a file that its node can import: `size` bytes generated from the seed, which is not 0.
  void put_file(NodeIndex node, std::string_view name, std::uint64_t seed, std::uint64_t size) {
    commons_.disks.put_file(node, name, seed, size);
  }
  // Changes the file behind a running node's content as a user would, or deletes it if the seed is 0. The node is
  // notified.
  void change_content(NodeIndex node, ContentKey key, std::uint64_t seed, std::uint64_t size);
  // What is on a host's disk; null if nothing ever was.
  const ContentStore* stored(NodeIndex node) const noexcept {
    const HostDisk* disk = commons_.disks.find(node);
    return disk == nullptr ? nullptr : &disk->store;
  }
  void set_disk(NodeIndex node, const DiskModel& model);
  DiskModel disk(NodeIndex node) const noexcept {
    const HostDisk* found = commons_.disks.find(node);
    return found == nullptr ? DiskModel{} : found->model;
  }

  Network& network() noexcept { return commons_.network; }
  const Network& network() const noexcept { return commons_.network; }

  // Handles every event before `end`; then it is `end`. Actions at an instant precede its events. May use several
  // threads: then observers are told of events after they have happened, and must not look at the world meanwhile.
  void run_until(Time end);
  // As run_until, but stops after `limit` events; returns true when `end` was reached. Uses one thread.
  bool run_until(Time end, std::uint64_t limit);
  // For observers of a world on one thread: run_until returns false once this event has had its effects.
  void stop_after_event() {
    PEERBED_CONTRACT(lanes_.size() == 1, "only a world on one thread stops at an event");
    lanes_.front().last_event = lanes_.front().counters.events;
  }
  // Why run_until(end) uses one thread now, whatever WorldOptions::threads says: a clause, such as "links
  // of a topology are not shared by threads". Empty if it uses several.
  const std::string& why_on_one_thread() {
    plan_.update(commons_);
    return plan_.obstacle();
  }

  Time now() const noexcept { return lanes_.front().now; }
  std::size_t size() const noexcept { return commons_.hosts.size(); }  // hosts
  HostStatus status(NodeIndex node) const { return commons_.hosts[node].status; }
  // The node's state; if the host is down, the last state it had.
  template <Node N>
  const N& node(NodeIndex index) const {
    const NodeArray& population = commons_.hosts.population(index);
    PEERBED_CONTRACT(typeid(population) == typeid(TypedNodeArray<N>), "a node is asked for by its own type");
    return static_cast<const TypedNodeArray<N>&>(population).node(index);
  }
  std::span<const TraceEventType> trace_events(NodeIndex node) const {
    return commons_.hosts.population(node).trace_events();
  }
  std::span<const std::string_view> message_kinds(NodeIndex node) const {
    return commons_.hosts.population(node).message_kinds();
  }
  // What the nodes of the population of `node` have sent so far, by Header::kind.
  std::span<const TrafficCount> sent_by_kind(NodeIndex node) const {
    return lanes_.front().sent[commons_.hosts[node].population];
  }

  // Visits every pending event in no particular order, with the bytes of those that are datagrams.
  void for_each_under_way(const std::function<void(const Event&, Bytes)>& visit) const;
  // Memory taken by the tables of pending events. The same in each run of a scenario, on any machine.
  std::size_t bytes_under_way() const noexcept;
  // The first node that has nearly run out of event numbers, or no_node. Called from time to time.
  NodeIndex exhausted_node() const noexcept;

  const WorldCounters& counters() const noexcept { return lanes_.front().counters; }
  const StreamCounters& stream_counters() const noexcept { return lanes_.front().streams.counters(); }
  // The hashes that were not in the cache of the lane.
  std::uint64_t hashes_computed() const noexcept {
    std::uint64_t hashes = 0;
    for (const Lane& lane : lanes_) hashes += lane.operations.hashes_computed();
    return hashes;
  }

  // The digest of all that happened so far, host by host, and of the whole present state: nodes, disks, pending events.
  // Both take time proportional to the number of hosts.
  std::uint64_t digest() const { return commons_.hosts.digest(); }
  std::uint64_t state_digest() const;

  // Not owned; not copied with the world. It is called in the thread of run_until().
  void observe(Observer* observer, Shown shown = Shown::everything) noexcept {
    for (Lane& lane : lanes_) lane.transcript.observe(observer, shown);
  }

 private:
  void add_hosts(std::unique_ptr<NodeArray> population, std::size_t count);
  static std::int64_t time_of(Time time) noexcept { return nanoseconds_since_start(time); }
  Lane& lane_of(NodeIndex node) noexcept { return lanes_[commons_.lane_of.empty() ? 0 : commons_.lane_of[node]]; }
  EventHandler handler_of(NodeIndex node) noexcept { return {commons_, lane_of(node)}; }
  void divide(bool into_several);
  template <class Handler>
  void run_handler(NodeIndex node, StepKind kind, Handler&& handler, Bytes bytes = {});

  Commons commons_;
  std::vector<Lane> lanes_;  // at least one
  LanePlan plan_;
  Workers workers_;
  bool wakes_ = false;  // whether the last windows were worth waking the workers
};

}  // namespace peerbed::sim
