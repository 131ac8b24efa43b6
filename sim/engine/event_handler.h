#pragma once
// Handles the events of one lane: moves what is under way, runs the nodes' handlers, and carries out what they
// recorded. It holds nothing of its own; the lane and what lanes share outlive it.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "host/draw_key.h"
#include "protocols/environment/environment.h"
#include "sim/engine/commons.h"
#include "sim/engine/lane.h"
#include "sim/engine/lane_log.h"
#include "sim/engine/node_failure.h"

namespace peerbed::sim {

class EventHandler {
 public:
  EventHandler(Commons& commons, Lane& lane) noexcept : commons_(commons), lane_(lane) {}

  // Handles the events before `end`, in nanoseconds. Returns false if the lane stopped earlier, after Lane::last_event
  // events. `log` is told which event is handled, unless it is null.
  bool run(std::int64_t end, LaneLog* log = nullptr);

  // For actions from outside.
  void record_external(NodeIndex node, StepKind kind, Bytes bytes = {});
  // Runs one handler of a node and applies what it recorded. If the handler throws, throws NodeFailure.
  template <class Handler>
  void run_handler(NodeIndex node, StepKind kind, Handler&& handler, Bytes bytes = {}, NodeIndex source = no_node,
                   std::uint32_t timer = 0) {
    lane_.effects.clear();
    Environment environment(local_time(node), commons_.address_of(node), draw_key(commons_.random_key, node),
                            commons_.hosts.draws(node), lane_.effects);
    try {
      handler(commons_.hosts.population(node), environment);
    } catch (...) {
      throw_node_failure(
          {.time = lane_.now, .destination = node, .source = source, .kind = kind, .timer = timer, .bytes = bytes});
    }
    apply_effects(node);
  }
  void set_timer(NodeIndex node, TimerId timer, std::uint64_t local_delay);
  void answer_content(NodeIndex node, const ContentOperations::Pending& pending);
  // Handles what waited for a paused host from now on.
  void resume(NodeIndex node);
  // Ends the process: its timers and unread input go. Its disk and its last state stay.
  void stop_process(NodeIndex node);

 private:
  static std::int64_t time_of(Time time) noexcept { return nanoseconds_since_start(time); }
  Time local_time(NodeIndex node) const {
    return commons_.hosts[node].has_clock ? commons_.clocks.shown(node, lane_.now) : lane_.now;
  }
  StreamContext stream_context() noexcept {
    StreamContext context{lane_.now, lane_.queue, commons_.network, commons_.hosts.all(), commons_.disks};
    if (commons_.lane_of.empty()) return context;
    context.lane_of = commons_.lane_of.data();
    context.lane = lane_.index;
    context.outboxes = lane_.stream_outboxes[lane_.parity].data();
    return context;
  }
  LinkTraffic::Context link_context() noexcept {
    return {stream_context(), lane_.datagrams, lane_.streams, lane_.counters};
  }

  // Events.
  void handle(const Event& event);
  void handle_datagram(const Event& event);
  void deliver_datagram(const Event& event, Address from);
  void handle_timer(const Event& event);
  void handle_content(const Event& event);
  void handle_stream(const Event& event);
  void tell_stream(NodeIndex node, NodeIndex peer, const StreamEvent& event, StreamId peer_stream);
  bool is_due(const Event& event);
  void defer(const Event& event);
  void release(const Event& event);
  void record(Step&& step);

  // Effects.
  struct EffectExecutor;
  void apply_effects(NodeIndex node);
  void send_datagram(NodeIndex source, Address to, Bytes payload, std::uint32_t ordinal);
  std::optional<Gateways::Route> leave_gateways(NodeIndex source, Address to);
  void deliver_later(NodeIndex source, NodeIndex destination, Bytes payload, const Transit::Copy& copy,
                     const Envelope* envelope);
  void hand_over(LaneIndex lane, NodeIndex source, NodeIndex destination, Bytes payload, const Transit::Copy& copy);
  void apply_stream_effect(NodeIndex node, const Effect& effect, Bytes bytes);
  // The next event that `source` causes. It takes a sequence number whether it is queued or not.
  Event next_event(NodeIndex source, NodeIndex destination, Time at, std::uint32_t what) noexcept {
    return {.time = time_of(at),
            .destination = destination,
            .source = source,
            .sequence = commons_.hosts[source].sequence++,
            .what = what};
  }

  Commons& commons_;
  Lane& lane_;
};

}  // namespace peerbed::sim
