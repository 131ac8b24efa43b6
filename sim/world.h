#pragma once
// The virtual world: hosts that run nodes, the network between them, and virtual time. It is a value: copying it is a
// snapshot, and the copy goes on exactly as the original would. Its one total order of events is (time, destination,
// source, per-source sequence), so the same inputs give the same trace on any queue, compiler or optimisation level.

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "protocols/environment/effects.h"
#include "protocols/environment/node.h"
#include "sim/event_queue.h"
#include "sim/network.h"
#include "sim/population.h"
#include "sim/types.h"

namespace peerbed::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  EventQueueKind queue = EventQueueKind::wheel;
  std::size_t receive_buffer = 212'992;  // bytes of datagrams that a paused host keeps (Linux net.core.rmem_default)
};

enum class HostStatus : std::uint8_t { down, running, paused };
enum class Disk : std::uint8_t { keep, wipe };

// One step of the world, as observers and digests see it.
enum class StepKind : std::uint8_t { datagram, timer, start, leave, command, content, crash, pause, resume };
struct Step {
  Time time;
  NodeIndex destination = no_node;
  NodeIndex source = no_node;       // the destination itself for its timers; no_node for what comes from outside
  std::uint32_t sequence = 0;       // of the source
  StepKind kind{};
  std::uint32_t timer = 0;          // for StepKind::timer
  Bytes bytes;                      // a datagram's payload or a command's line; valid during the call only
};

// Watches a world without changing it. Called in the world's total order.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_step(const Step&) {}
  virtual void on_trace(Time, NodeIndex, std::uint16_t /*type*/, const TraceValues&) {}
  virtual void on_line(Time, NodeIndex, std::string_view /*line*/) {}
  virtual void on_exit(Time, NodeIndex) {}  // a node left of its own accord
};

struct TrafficCount {
  std::uint64_t datagrams = 0;
  std::uint64_t bytes = 0;  // of payload
};

struct Counters {
  std::uint64_t events = 0;  // steps so far
  TrafficCount sent;
  TrafficCount delivered;
  std::uint64_t dropped_loss = 0;
  std::uint64_t dropped_queue = 0;      // a full up-link or down-link
  std::uint64_t dropped_partition = 0;
  std::uint64_t dropped_down = 0;       // the destination was down, or was no host at all
  std::uint64_t dropped_buffer = 0;     // the destination was paused and its receive buffer full
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t corrupted = 0;
};

class World {
 public:
  explicit World(const WorldOptions& options);
  World(const World&);
  World(World&&) noexcept;
  World& operator=(const World&);
  World& operator=(World&&) noexcept;
  ~World();

  // Adds `count` hosts, all down, whose processes `make` creates: at once, and anew at each start after a crash or an
  // exit. Returns the first of their consecutive numbers. Nodes of one population lie side by side in memory.
  template <Node N>
  NodeIndex add_population(std::size_t count, std::function<N(NodeIndex)> make);

  // What happens to a host from outside, at the present instant. Each returns false, and changes nothing, when the
  // host's status does not allow it (to crash a host that is down, say).
  bool start(NodeIndex node);
  bool crash(NodeIndex node, Disk disk);
  bool leave(NodeIndex node);  // asks the node to leave gracefully; the observer hears when it has
  bool pause(NodeIndex node);
  bool resume(NodeIndex node);
  bool command(NodeIndex node, std::string_view line);

  // The node's clock shows true time * (1 + drift_ppb / 1e9) + offset from now on.
  void set_clock(NodeIndex node, Duration offset, std::int64_t drift_ppb);
  // Each datagram that the node sends is damaged with this probability: it lies.
  void set_lying(NodeIndex node, double probability);

  Network& network() noexcept { return network_; }
  const Network& network() const noexcept { return network_; }

  // Handles every event before `end`; then it is `end`. What comes from outside at an instant precedes its events.
  void run_until(Time end);
  // As run_until, but stops after `limit` events; returns true when `end` was reached.
  bool run_until(Time end, std::uint64_t limit);

  Time now() const noexcept;
  std::size_t size() const noexcept;  // hosts
  HostStatus status(NodeIndex node) const;
  // The node's state; the last one it had when the host is down.
  template <Node N>
  const N& node(NodeIndex index) const;
  std::span<const TraceEventType> trace_events(NodeIndex node) const;
  std::span<const std::string_view> message_kinds(NodeIndex node) const;

  const Counters& counters() const noexcept;
  // Datagrams sent, by Header::kind.
  std::span<const TrafficCount> sent_by_kind(NodeIndex node_of_population) const;

  // Of all steps so far, and of the whole present state: nodes, disks, events under way.
  std::uint64_t digest() const;
  std::uint64_t state_digest() const;

  // Not owned; not copied with the world.
  void observe(Observer* observer) noexcept;
};

}  // namespace peerbed::sim
