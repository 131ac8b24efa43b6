#pragma once
// The virtual world: hosts that run nodes, the network between them, and virtual time. It is a value: a copy is a
// snapshot that continues exactly as the original would. Events have one total order, (time, destination, source,
// per-source sequence), so the same inputs give the same trace with any queue, compiler or optimisation level.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "host/disk.h"
#include "host/draw_key.h"
#include "host/observer.h"
#include "protocols/environment/contract.h"
#include "protocols/environment/effects.h"
#include "protocols/environment/node.h"
#include "sim/core/event_queue.h"
#include "sim/core/host.h"
#include "sim/core/payload_pool.h"
#include "sim/core/pool.h"
#include "sim/core/trace_digest.h"
#include "sim/core/types.h"
#include "sim/engine/node_array.h"
#include "sim/network/network.h"
#include "sim/storage/disks.h"
#include "sim/storage/piece_hash.h"
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

struct Counters {
  std::uint64_t events = 0;  // steps so far
  TrafficCount sent;
  TrafficCount delivered;
  std::uint64_t dropped_loss = 0;
  std::uint64_t dropped_queue = 0;  // a full up-link or down-link
  std::uint64_t dropped_partition = 0;
  std::uint64_t dropped_down = 0;    // the destination was down or does not exist
  std::uint64_t dropped_buffer = 0;  // the destination was paused and its receive buffer full
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t corrupted = 0;
};

class World {
 public:
  explicit World(const WorldOptions& options);
  // A snapshot, without the original's observers.
  World(const World&);
  World(World&&) = default;
  World& operator=(const World& other) { return *this = World(other); }
  World& operator=(World&&) = default;
  ~World() = default;

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

  // From now on the node's clock is off by `offset` and gains drift_ppb nanoseconds a second. With both zero it is
  // correct again.
  void set_clock(NodeIndex node, Duration offset, std::int64_t drift_ppb);
  // Makes the node lie: each datagram and each range of content that it sends is damaged with this probability.
  void set_lying(NodeIndex node, double probability);

  // Gives a host a file that its node can import: `size` bytes generated from the seed, which is not 0.
  void put_file(NodeIndex node, std::string_view name, std::uint64_t seed, std::uint64_t size);
  // Changes the file behind a running node's content as a user would, or deletes it if the seed is 0. The node is
  // notified.
  void change_content(NodeIndex node, ContentKey key, std::uint64_t seed, std::uint64_t size);
  // What is on a host's disk; null if nothing ever was.
  const ContentStore* stored(NodeIndex node) const noexcept;
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

  Time now() const noexcept { return now_; }
  std::size_t size() const noexcept { return hosts_.size(); }  // hosts
  HostStatus status(NodeIndex node) const { return hosts_[node].status; }
  // The node's state; if the host is down, the last state it had.
  template <Node N>
  const N& node(NodeIndex index) const {
    const auto* population = dynamic_cast<const TypedNodeArray<N>*>(&population_of(index));
    PEERBED_CONTRACT(population != nullptr, "a node is asked for by its own type");
    return population->node(index);
  }
  std::span<const TraceEventType> trace_events(NodeIndex node) const { return population_of(node).trace_events(); }
  std::span<const std::string_view> message_kinds(NodeIndex node) const { return population_of(node).message_kinds(); }
  // What the nodes of the population of `node` have sent so far, by Header::kind.
  std::span<const TrafficCount> sent_by_kind(NodeIndex node) const { return population_of(node).sent(); }

  // Visits every pending event in no particular order, with the bytes of those that are datagrams.
  void for_each_under_way(const std::function<void(const Event&, Bytes)>& visit) const;
  // Memory taken by the tables of pending events. The same in each run of a scenario, on any machine.
  std::size_t bytes_under_way() const noexcept {
    return queue_.bytes() + payloads_.bytes() + streams_.bytes() + operations_.bytes() + on_the_way_.bytes();
  }
  // The first node that has nearly run out of event numbers, or no_node. Called from time to time.
  NodeIndex exhausted_node() const noexcept;

  const Counters& counters() const noexcept { return counters_; }
  const StreamCounters& stream_counters() const noexcept { return streams_.counters(); }
  std::uint64_t hashes_computed() const noexcept { return hashes_.computed(); }  // the others were in the cache

  // The digest of all steps so far, and of the whole present state: nodes, disks, pending events.
  std::uint64_t digest() const { return digest_.value(); }
  std::uint64_t state_digest() const;

  // Not owned; not copied with the world.
  void observe(Observer* observer) noexcept { observer_ = observer; }

 private:
  struct LocalClock {
    Time since;  // true time of the last change
    Time shown;  // what the clock showed then
    std::int64_t drift_ppb = 0;
  };
  // A datagram on its way to a link of the backbone.
  struct OnTheWay {
    std::uint32_t payload = 0;
    LinkIndex link = no_link;
  };
  // What a paused host has not handled yet, in order of arrival.
  struct Deferred {
    std::vector<Event> events;
    std::size_t datagram_bytes = 0;
  };
  // A pending disk operation of a node.
  struct ContentOperation {
    ContentAction action{};
    ContentRange range;
    std::string name;
    bool failed = false;
  };

  void add_hosts(std::unique_ptr<NodeArray> population, std::size_t count);
  NodeArray& population_of(NodeIndex node) { return *populations_[hosts_[node].population]; }
  const NodeArray& population_of(NodeIndex node) const { return *populations_[hosts_[node].population]; }
  std::int64_t time_of(Time time) const noexcept { return nanoseconds_since_start(time); }
  Time local_time(NodeIndex node) const;
  Duration true_delay(NodeIndex node, std::uint64_t local_delay) const;

  void handle(const Event& event);
  void handle_datagram(const Event& event);
  void handle_datagram_at_link(Event event);
  void handle_arrival(Event event);
  void handle_timer(const Event& event);
  void handle_content(const Event& event);
  void handle_stream(const Event& event);
  void tell_stream(NodeIndex node, const StreamEvent& event, StreamId peer_stream);
  void defer(const Event& event);
  bool is_due(const Event& event);
  void prefetch_upcoming() const noexcept;

  Address address_of(NodeIndex node) const noexcept { return sim::address_of(node, options_.family); }
  // Runs one handler of a node and applies what it recorded. If the handler throws, throws NodeFailure.
  template <class Handler>
  void run_handler(NodeIndex node, StepKind kind, Handler&& handler, Bytes bytes = {}, NodeIndex source = no_node,
                   std::uint32_t timer = 0) {
    effects_.clear();
    Environment environment(local_time(node), address_of(node), draw_key(random_key_, node), draws_[node], effects_);
    try {
      handler(population_of(node), environment);
    } catch (...) {
      fail({.time = now_, .destination = node, .source = source, .kind = kind, .timer = timer, .bytes = bytes});
    }
    apply_effects(node);
  }
  // Throws a NodeFailure for the handler's exception. Rethrows std::bad_alloc and OutOfRoom.
  [[noreturn]] static void fail(const Step& step);
  void release(const Event& event);
  void append_disks(TraceDigest& digest) const;
  void record(Step step);
  void record_external(NodeIndex node, StepKind kind, Bytes bytes = {});
  void stop_process(NodeIndex node);

  struct EffectExecutor;
  void apply_effects(NodeIndex node);
  void send_datagram(NodeIndex source, Address to, Bytes payload, std::uint32_t ordinal);
  EventKind arrival_kind(NodeIndex destination) const noexcept {
    return network_.has_downlink(destination) ? EventKind::arrival : EventKind::datagram;
  }
  void deliver_later(NodeIndex source, NodeIndex destination, Bytes payload, const Transit::Copy& copy);
  void set_timer(NodeIndex node, TimerId timer, std::uint64_t local_delay);
  void apply_stream_effect(NodeIndex node, const Effect& effect);
  void send_content(NodeIndex node, const Effect& effect);
  void store_content(NodeIndex node, const Effect& effect);
  void answer_content(NodeIndex node, ContentOperation operation, Time at);
  bool perform(NodeIndex node, const ContentOperation& operation, ContentReady& ready, std::vector<std::byte>& bytes);
  StreamContext stream_context() noexcept { return {now_, queue_, network_, hosts_, disks_}; }
  void emit_trace(NodeIndex node, std::uint16_t event, const TraceValues& values);
  void print_line(NodeIndex node, std::string_view code, std::string_view line);

  WorldOptions options_;
  std::uint64_t random_key_;  // of the nodes' draws
  Time now_;
  EventQueue queue_;
  PayloadPool payloads_;
  static_assert(PayloadPool::handle_bits <= Event::value_bits);
  std::vector<Host> hosts_;
  std::vector<DrawCounts> draws_;  // of the hosts
  std::vector<std::unique_ptr<NodeArray>> populations_;
  Network network_;
  Disks disks_;
  Streams streams_;
  PieceHashes hashes_;
  Pool<ContentOperation> operations_;
  Pool<OnTheWay> on_the_way_;
  std::map<NodeIndex, LocalClock> clocks_;
  std::map<NodeIndex, double> lies_;
  std::map<NodeIndex, Deferred> deferred_;
  std::uint32_t outside_sequence_ = 0;
  Counters counters_;
  TraceDigest digest_;
  Effects effects_;
  Observer* observer_ = nullptr;
};

}  // namespace peerbed::sim
