#pragma once
// The virtual world: hosts that run nodes, the network between them, and virtual time. It is a value: a copy is a
// snapshot that continues exactly as the original would. Events have one total order, (time, destination, source,
// per-source sequence), so the same inputs give the same trace with any queue, compiler or optimisation level.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include "host/disk.h"
#include "host/draw_key.h"
#include "host/observer.h"
#include "protocols/environment/contract.h"
#include "protocols/environment/effects.h"
#include "protocols/environment/node.h"
#include "sim/core/event_queue.h"
#include "sim/core/types.h"
#include "sim/engine/datagrams_under_way.h"
#include "sim/engine/deferred_events.h"
#include "sim/engine/hosts.h"
#include "sim/engine/liars.h"
#include "sim/engine/link_traffic.h"
#include "sim/engine/local_clocks.h"
#include "sim/engine/node_array.h"
#include "sim/engine/node_failure.h"
#include "sim/engine/transcript.h"
#include "sim/engine/world_counters.h"
#include "sim/network/network.h"
#include "sim/storage/content_operations.h"
#include "sim/storage/disks.h"
#include "sim/streams/streams.h"

namespace peerbed::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  EventQueueKind queue = EventQueueKind::wheel;
  std::size_t receive_buffer = 212'992;  // bytes of datagrams that a paused host keeps (Linux net.core.rmem_default)
  StreamOptions streams{};
  AddressFamily family = AddressFamily::ipv4;  // of all hosts
  Rate hashing{8'000'000'000};  // SHA-256 at each host, one piece after the other; 0 means that it takes no time
};

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
    const auto first = static_cast<NodeIndex>(hosts_.size());
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
    disks_.put_file(node, name, seed, size);
  }
  // Changes the file behind a running node's content as a user would, or deletes it if the seed is 0. The node is
  // notified.
  void change_content(NodeIndex node, ContentKey key, std::uint64_t seed, std::uint64_t size);
  // What is on a host's disk; null if nothing ever was.
  const ContentStore* stored(NodeIndex node) const noexcept {
    const HostDisk* disk = disks_.find(node);
    return disk == nullptr ? nullptr : &disk->store;
  }
  void set_disk(NodeIndex node, const DiskModel& model);
  DiskModel disk(NodeIndex node) const noexcept {
    const HostDisk* found = disks_.find(node);
    return found == nullptr ? DiskModel{} : found->model;
  }

  Network& network() noexcept { return network_; }
  const Network& network() const noexcept { return network_; }

  // Handles every event before `end`; then it is `end`. Actions at an instant precede its events.
  void run_until(Time end);
  // As run_until, but stops after `limit` events; returns true when `end` was reached.
  bool run_until(Time end, std::uint64_t limit);
  // For observers: run_until returns false once this event has had its effects.
  void stop_after_event() noexcept { last_event_ = counters_.events; }

  Time now() const noexcept { return now_; }
  std::size_t size() const noexcept { return hosts_.size(); }  // hosts
  HostStatus status(NodeIndex node) const { return hosts_[node].status; }
  // The node's state; if the host is down, the last state it had.
  template <Node N>
  const N& node(NodeIndex index) const {
    const NodeArray& population = hosts_.population(index);
    PEERBED_CONTRACT(typeid(population) == typeid(TypedNodeArray<N>), "a node is asked for by its own type");
    return static_cast<const TypedNodeArray<N>&>(population).node(index);
  }
  std::span<const TraceEventType> trace_events(NodeIndex node) const { return hosts_.population(node).trace_events(); }
  std::span<const std::string_view> message_kinds(NodeIndex node) const {
    return hosts_.population(node).message_kinds();
  }
  // What the nodes of the population of `node` have sent so far, by Header::kind.
  std::span<const TrafficCount> sent_by_kind(NodeIndex node) const { return hosts_.population(node).sent(); }

  // Visits every pending event in no particular order, with the bytes of those that are datagrams.
  void for_each_under_way(const std::function<void(const Event&, Bytes)>& visit) const;
  // Memory taken by the tables of pending events. The same in each run of a scenario, on any machine.
  std::size_t bytes_under_way() const noexcept {
    return queue_.bytes() + datagrams_.bytes() + streams_.bytes() + operations_.bytes() +
           (network_.has_managed() ? network_.managed().memory() : 0);
  }
  // The first node that has nearly run out of event numbers, or no_node. Called from time to time.
  NodeIndex exhausted_node() const noexcept;

  const WorldCounters& counters() const noexcept { return counters_; }
  const StreamCounters& stream_counters() const noexcept { return streams_.counters(); }
  // The hashes that were not in the cache.
  std::uint64_t hashes_computed() const noexcept { return operations_.hashes_computed(); }

  // The digest of all that happened so far, host by host, and of the whole present state: nodes, disks, pending events.
  // Both take time proportional to the number of hosts.
  std::uint64_t digest() const { return hosts_.digest(); }
  std::uint64_t state_digest() const;

  // Not owned; not copied with the world.
  void observe(Observer* observer) noexcept { transcript_.observe(observer); }

 private:
  void add_hosts(std::unique_ptr<NodeArray> population, std::size_t count);
  Address address_of(NodeIndex node) const noexcept { return sim::address_of(node, options_.family); }
  static std::int64_t time_of(Time time) noexcept { return nanoseconds_since_start(time); }
  Time local_time(NodeIndex node) const { return hosts_[node].has_clock ? clocks_.shown(node, now_) : now_; }
  StreamContext stream_context() noexcept { return {now_, queue_, network_, hosts_.all(), disks_}; }
  LinkTraffic::Context link_context() noexcept { return {stream_context(), datagrams_, streams_, counters_}; }

  // Events.
  void handle(const Event& event);
  void handle_datagram(const Event& event);
  void handle_timer(const Event& event);
  void handle_content(const Event& event);
  void handle_stream(const Event& event);
  void tell_stream(NodeIndex node, NodeIndex peer, const StreamEvent& event, StreamId peer_stream);
  bool is_due(const Event& event);
  void defer(const Event& event);
  void release(const Event& event);

  // Runs one handler of a node and applies what it recorded. If the handler throws, throws NodeFailure.
  template <class Handler>
  void run_handler(NodeIndex node, StepKind kind, Handler&& handler, Bytes bytes = {}, NodeIndex source = no_node,
                   std::uint32_t timer = 0) {
    effects_.clear();
    Environment environment(local_time(node), address_of(node), draw_key(random_key_, node), hosts_.draws(node),
                            effects_);
    try {
      handler(hosts_.population(node), environment);
    } catch (...) {
      throw_node_failure(
          {.time = now_, .destination = node, .source = source, .kind = kind, .timer = timer, .bytes = bytes});
    }
    apply_effects(node);
  }
  void record(Step&& step);
  void record_external(NodeIndex node, StepKind kind, Bytes bytes = {});
  void stop_process(NodeIndex node);

  // Effects.
  struct EffectExecutor;
  void apply_effects(NodeIndex node);
  void send_datagram(NodeIndex source, Address to, Bytes payload, std::uint32_t ordinal);
  void send_through_gateways(NodeIndex source, Address to, Bytes payload, std::uint32_t ordinal);
  void send_to_host(const Datagram& datagram, Bytes payload, const Envelope* envelope);
  void deliver_later(NodeIndex source, NodeIndex destination, Bytes payload, const Transit::Copy& copy,
                     const Envelope* envelope);
  void set_timer(NodeIndex node, TimerId timer, std::uint64_t local_delay);
  void apply_stream_effect(NodeIndex node, const Effect& effect, Bytes bytes);
  void answer_content(NodeIndex node, const ContentOperations::Pending& pending);
  // The next event that `source` causes. It takes a sequence number whether it is queued or not.
  Event next_event(NodeIndex source, NodeIndex destination, Time at, std::uint32_t what) noexcept {
    return {.time = time_of(at),
            .destination = destination,
            .source = source,
            .sequence = hosts_[source].sequence++,
            .what = what};
  }

  // What the handler that runs has recorded. A copy of a world takes none of it, and no memory for it.
  struct HandlerLog : Effects {
    HandlerLog() = default;
    HandlerLog(const HandlerLog&) : Effects() {}
    HandlerLog(HandlerLog&&) = default;
    HandlerLog& operator=(HandlerLog&&) = default;
    HandlerLog& operator=(const HandlerLog&) = delete;
    ~HandlerLog() = default;
  };

  WorldOptions options_;
  std::uint64_t random_key_;  // of the nodes' draws
  Time now_;
  EventQueue queue_;
  DatagramsUnderWay datagrams_;
  Hosts hosts_;
  Network network_;
  Disks disks_;
  Streams streams_;
  ContentOperations operations_;
  LocalClocks clocks_;
  Liars liars_;
  DeferredEvents deferred_;
  std::uint32_t outside_sequence_ = 0;
  std::uint64_t last_event_ = UINT64_MAX;  // run_until stops when there have been so many
  WorldCounters counters_;
  Transcript transcript_;
  HandlerLog effects_;
  LinkTraffic link_traffic_;
};

}  // namespace peerbed::sim
