#include "sim/engine/event_handler.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "host/dispatch_effects.h"
#include "sim/engine/prefetcher.h"

namespace peerbed::sim {

bool EventHandler::run(std::int64_t end, LaneLog* log) {
  const Prefetcher prefetcher(lane_.queue, commons_.hosts, lane_.datagrams, lane_.streams, commons_.network);
  const bool prefetches = lane_.queue.has_prospect();
  Event& event = lane_.current;
  while (lane_.counters.events < lane_.last_event) {
    if (!lane_.queue.pop_before(end, event)) return true;
    if (prefetches) prefetcher.prefetch_upcoming();
    if (log != nullptr) log->begin(event);
    lane_.now = Time(Duration(event.time));
    handle(event);
  }
  return false;
}

// ---------------------------------------------------------------------------------------------------------------------
// Events

void EventHandler::handle(const Event& event) {
  const HostStatus status = commons_.hosts[event.destination].status;
  switch (event.kind()) {
    case EventKind::datagram_at_link:
    case EventKind::arrival:
      return lane_.link_traffic.move_datagram(link_context(), event);
    case EventKind::link_turn:
      return lane_.link_traffic.take_turn(link_context(), event);
    case EventKind::timer:
      if (!is_due(event)) return;
      return status == HostStatus::paused ? defer(event) : handle_timer(event);
    case EventKind::datagram:
      if (status == HostStatus::paused) return defer(event);
      if (status == HostStatus::running) return handle_datagram(event);
      ++lane_.counters.dropped_down;
      return release(event);
    case EventKind::content:
      if (status == HostStatus::paused) return defer(event);
      if (status == HostStatus::running) return handle_content(event);
      return release(event);
    case EventKind::stream_ready:
      if (status == HostStatus::paused) return defer(event);
      return handle_stream(event);
    case EventKind::segment_at_link:
      if (commons_.network.has_managed() && lane_.link_traffic.takes_segment(link_context(), event)) return;
      return handle_stream(event);
    case EventKind::segment:
    case EventKind::segment_arrival:
    case EventKind::stream_alarm:
      return handle_stream(event);
  }
}

void EventHandler::handle_datagram(const Event& event) {
  Gateways& gateways = commons_.network.gateways();
  if (gateways.empty()) [[likely]]
    return deliver_datagram(event, commons_.address_of(event.source));
  const auto [from, to] = lane_.datagrams.envelope(event);
  if (gateways.admits(Transport::udp, event.destination, from, to, lane_.now)) return deliver_datagram(event, from);
  ++lane_.counters.dropped_gateway;
  lane_.datagrams.release(event);
}

void EventHandler::deliver_datagram(const Event& event, Address from) {
  const Bytes payload = lane_.datagrams.view(event);
  ++lane_.counters.delivered.datagrams;
  lane_.counters.delivered.bytes += payload.size();
  record({lane_.now, event.destination, event.source, event.sequence, StepKind::datagram, 0, payload});
  run_handler(
      event.destination, StepKind::datagram,
      [&](NodeArray& population, Environment& environment) {
        population.datagram(event.destination, environment, from, payload);
      },
      payload, event.source);
  lane_.datagrams.release(event);
}

// Decides whether the timer behind this event fires now. If it was postponed, queues the event again.
bool EventHandler::is_due(const Event& event) {
  TimerSlot& slot = commons_.hosts.population(event.destination).timers(event.destination)[event.value()];
  const TimerSlot::Wake wake = slot.wake(event.time);
  if (wake == TimerSlot::Wake::queue_again) {
    Event later = event;
    later.time = slot.due;
    lane_.queue.push(later);
  }
  return wake == TimerSlot::Wake::fire;
}

void EventHandler::handle_timer(const Event& event) {
  record({lane_.now, event.destination, event.destination, event.sequence, StepKind::timer, event.value(), {}});
  run_handler(
      event.destination, StepKind::timer,
      [&](NodeArray& population, Environment& environment) {
        population.timer(event.destination, environment, static_cast<TimerId>(event.value()));
      },
      {}, event.destination, event.value());
}

void EventHandler::handle_content(const Event& event) {
  const NodeIndex node = event.destination;
  std::vector<std::byte> bytes;
  const ContentReady ready = lane_.operations.complete(commons_.disks, node, event.value(), bytes);
  const std::uint32_t outcome =
      ready.action == ContentAction::read ? 0 : (static_cast<std::uint32_t>(ready.action) << 1) | (ready.found ? 1 : 0);
  record({lane_.now, node, node, event.sequence, StepKind::content, outcome, bytes, nullptr, &ready});
  run_handler(node, StepKind::content,
              [&](NodeArray& population, Environment& environment) { population.content(node, environment, ready); });
}

void EventHandler::handle_stream(const Event& event) {
  StreamContext context = stream_context();
  EndIndex end = no_end;
  if (event.kind() == EventKind::segment_at_link) return lane_.streams.cross_link(context, event);
  if (event.kind() == EventKind::segment_arrival) return lane_.streams.pass_down_link(context, event);
  if (event.kind() == EventKind::segment) end = lane_.streams.segment(context, event);
  if (event.kind() == EventKind::stream_alarm) end = lane_.streams.alarm(context, event);
  if (event.kind() == EventKind::stream_ready) end = lane_.streams.ready(event);
  if (end == no_end) return;
  const NodeIndex node = event.destination;
  const EndRef served = lane_.streams.ref(end);
  if (commons_.hosts[node].status == HostStatus::running) {
    lane_.streams.serve(end);
    StreamEvent told;
    while (lane_.streams.ref(end) == served && lane_.streams.next_event(context, end, told))
      tell_stream(node, commons_.network.gateways().empty() ? node_at(told.peer) : lane_.streams.peer(end), told,
                  lane_.streams.peer_id(end));
    lane_.streams.serve(no_end);
  } else if (commons_.hosts[node].status == HostStatus::paused && lane_.streams.wake(end)) {
    Event later = event;
    later.sequence = commons_.hosts[node].sequence++;
    later.source = node;
    later.what = Event::pack(EventKind::stream_ready, end);
    defer(later);
  }
  if (lane_.streams.ref(end) == served) lane_.streams.settle(context, end);
}

void EventHandler::tell_stream(NodeIndex node, NodeIndex peer, const StreamEvent& event, StreamId peer_stream) {
  const auto kind = static_cast<std::uint32_t>(event.kind);
  record(
      {lane_.now, node, peer, event.stream.value, StepKind::stream, kind, event.bytes, &event, nullptr, peer_stream});
  run_handler(
      node, StepKind::stream,
      [&](NodeArray& population, Environment& environment) { population.stream(node, environment, event); }, {}, peer);
}

void EventHandler::defer(const Event& event) {
  const bool is_datagram = event.kind() == EventKind::datagram;
  if (lane_.deferred.add(event,
                         is_datagram ? lane_.datagrams.view(event).size() + commons_.network.datagram_overhead() : 0))
    return;
  ++lane_.counters.dropped_buffer;
  release(event);
}

// Frees what an event that reached its host refers to.
void EventHandler::release(const Event& event) {
  if (event.kind() == EventKind::datagram) lane_.datagrams.release(event);
  if (event.kind() == EventKind::content) lane_.operations.release(event.value());
}

void EventHandler::record(Step&& step) {
  ++lane_.counters.events;
  Host& host = commons_.hosts[step.destination];
  step.next_sequence = host.sequence;
  lane_.transcript.step(step, host.history);
}

// ---------------------------------------------------------------------------------------------------------------------
// For actions from outside

void EventHandler::record_external(NodeIndex node, StepKind kind, Bytes bytes) {
  record({lane_.now, node, no_node, commons_.outside_sequence++, kind, 0, bytes});
}

// One nanosecond apart, to keep the order of arrival.
void EventHandler::resume(NodeIndex node) {
  std::int64_t time = time_of(lane_.now);
  for (Event event : lane_.deferred.take(node)) {
    event.time = time++;
    if (event.kind() == EventKind::timer) {
      TimerSlot& slot = commons_.hosts.population(node).timers(node)[event.value()];
      slot.due = slot.queued = event.time;
    }
    lane_.queue.push(event);
  }
}

void EventHandler::stop_process(NodeIndex node) {
  commons_.hosts[node].status = HostStatus::down;
  for (TimerSlot& slot : commons_.hosts.population(node).timers(node)) slot.cancel();
  lane_.streams.forget(node);
  for (const Event& event : lane_.deferred.take(node)) release(event);
}

// ---------------------------------------------------------------------------------------------------------------------
// Effects

// Carries out the effects of one handler.
struct EventHandler::EffectExecutor {
  void send_datagram(Address to, Bytes payload) { handler.send_datagram(node, to, payload, datagrams++); }
  void set_timer(TimerId timer, std::uint64_t delay) { handler.set_timer(node, timer, delay); }
  void cancel_timer(TimerId timer) { handler.commons_.hosts.population(node).timers(node)[timer].cancel(); }
  void trace(std::uint16_t event, const TraceValues& values) {
    PEERBED_CONTRACT(event < handler.commons_.hosts.population(node).trace_events().size(),
                     "a node traces events of its own table, by their index");
    handler.lane_.transcript.trace(handler.lane_.now, node, event, values, handler.commons_.hosts[node].history);
  }
  void print(std::string_view line) {
    handler.lane_.transcript.line(handler.lane_.now, node, {}, line, handler.commons_.hosts[node].history);
  }
  void refuse(std::string_view code, std::string_view sentence) {
    handler.lane_.transcript.line(handler.lane_.now, node, code, sentence, handler.commons_.hosts[node].history);
  }
  void apply_content_effect(const Effect& effect, Bytes bytes) {
    const auto pending = handler.lane_.operations.begin(handler.commons_.disks, node, effect, bytes, handler.lane_.now);
    if (pending.has_value()) handler.answer_content(node, *pending);
  }
  void apply_stream_effect(const Effect& effect, Bytes bytes) {
    handler.apply_stream_effect(node, effect, bytes);
    touches_streams = true;
  }

  EventHandler& handler;
  NodeIndex node;
  std::uint32_t datagrams = 0;
  bool touches_streams = false;
};

void EventHandler::apply_effects(NodeIndex node) {
  EffectExecutor executor{*this, node};
  const bool exits = dispatch_effects(lane_.effects, executor);
  if (executor.touches_streams) {
    StreamContext context = stream_context();
    lane_.streams.flush(context);
  }
  if (!exits) return;
  StreamContext context = stream_context();
  lane_.streams.exit(context, node);
  stop_process(node);
  lane_.transcript.exit(lane_.now, node);
}

void EventHandler::send_datagram(NodeIndex source, Address to, Bytes payload, std::uint32_t ordinal) {
  NodeIndex destination = node_at(to);
  ++lane_.counters.sent.datagrams;
  lane_.counters.sent.bytes += payload.size();
  const std::uint8_t kind = message_kind(payload);
  TrafficCount& sent = lane_.sent[commons_.hosts[source].population][kind];
  ++sent.datagrams;
  sent.bytes += payload.size();
  std::optional<Envelope> envelope;
  if (!commons_.network.gateways().empty()) [[unlikely]] {
    const auto route = leave_gateways(source, to);
    if (!route) return static_cast<void>(++lane_.counters.dropped_gateway);
    destination = route->destination;
    envelope = Envelope{route->from, to};
  } else if (destination >= commons_.hosts.size() || to != commons_.address_of(destination)) {
    ++lane_.counters.dropped_down;
    return;
  }
  const Envelope* const shown = envelope ? &*envelope : nullptr;
  const Duration plain = commons_.network.plain_latency();
  if (plain != Duration::zero() && source != destination && !commons_.hosts[source].lies)
    return deliver_later(source, destination, payload, {lane_.now + plain}, shown);
  Transit transit = commons_.network.send({source, destination, payload.size(), lane_.now, ordinal, kind});
  lane_.counters.count(transit);
  if (commons_.hosts[source].lies) {
    const std::uint64_t damage = commons_.liars.damage_of_datagram(source, commons_.hosts[source].sequence);
    if (damage != 0) transit.copy[0].corruption = damage;
  }
  for (std::size_t i = 0; i < transit.copies; ++i) deliver_later(source, destination, payload, transit.copy[i], shown);
}

// Nothing if the address leads to no host.
std::optional<Gateways::Route> EventHandler::leave_gateways(NodeIndex source, Address to) {
  auto route = commons_.network.gateways().leave(Transport::udp, source, to, lane_.now);
  const bool leads_to_host = route && route->destination < commons_.hosts.size() &&
                             (commons_.network.gateways().is_nat(to) || to == commons_.address_of(route->destination));
  return leads_to_host ? route : std::nullopt;
}

void EventHandler::deliver_later(NodeIndex source, NodeIndex destination, Bytes payload, const Transit::Copy& copy,
                                 const Envelope* envelope) {
  lane_.counters.corrupted += copy.corruption != 0 && !payload.empty() ? 1 : 0;
  if (!commons_.lane_of.empty() && commons_.lane_of[destination] != lane_.index)
    return hand_over(commons_.lane_of[destination], source, destination, payload, copy);
  if (lane_.queue.is_late(time_of(copy.arrival))) commons_.hosts.population(destination).prefetch(destination);
  const bool has_downlink = commons_.network.has_downlink(destination);
  const std::uint32_t what = envelope == nullptr ? lane_.datagrams.add(payload, copy, has_downlink)
                                                 : lane_.datagrams.add(payload, copy, has_downlink, *envelope);
  lane_.queue.push(next_event(source, destination, copy.arrival, what));
}

void EventHandler::hand_over(LaneIndex lane, NodeIndex source, NodeIndex destination, Bytes payload,
                             const Transit::Copy& copy) {
  const EventKind kind = commons_.network.has_downlink(destination) ? EventKind::arrival : EventKind::datagram;
  lane_.outboxes[lane_.parity][lane].add(next_event(source, destination, copy.arrival, 0), kind, payload,
                                         copy.corruption);
}

void EventHandler::set_timer(NodeIndex node, TimerId timer, std::uint64_t local_delay) {
  const std::span<TimerSlot> timers = commons_.hosts.population(node).timers(node);
  PEERBED_CONTRACT(timer < timers.size(), "a timer is numbered below the node's timer_count");
  TimerSlot& slot = timers[timer];
  constexpr std::uint64_t longest = static_cast<std::uint64_t>(TimingWheel::maximum_time) / 2;
  Duration delay(static_cast<std::int64_t>(std::min(local_delay, longest)));
  if (commons_.hosts[node].has_clock) delay = commons_.clocks.true_delay(node, delay);
  const Event event = next_event(node, node, lane_.now + delay, Event::pack(EventKind::timer, timer));
  if (!slot.set(event.time)) return lane_.transcript.timer_put_off(lane_.now, node, timer);
  lane_.queue.push(event);
}

void EventHandler::answer_content(NodeIndex node, const ContentOperations::Pending& pending) {
  lane_.queue.push(next_event(node, node, pending.due, Event::pack(EventKind::content, pending.slot)));
}

void EventHandler::apply_stream_effect(NodeIndex node, const Effect& effect, Bytes bytes) {
  lane_.transcript.stream_effect(lane_.now, node, effect, bytes);
  StreamContext context = stream_context();
  switch (effect.kind) {
    case EffectKind::open_stream:
      return lane_.streams.open(context, node, effect.stream, Address{effect.argument});
    case EffectKind::write_stream:
      return lane_.streams.write(context, node, effect.stream, bytes);
    case EffectKind::send_content: {  // a liar damages the whole range or nothing
      const bool lies = commons_.hosts[node].lies;
      const std::uint64_t damage = lies ? commons_.liars.damage_of_content(node, commons_.hosts[node].sequence++) : 0;
      return lane_.streams.send_content(context, node, effect.stream, range_in(bytes), damage);
    }
    case EffectKind::receive_bytes:
      return lane_.streams.receive(node, effect.stream, {effect.argument, {}, false});
    case EffectKind::receive_content: {
      const ContentRange range = range_in(bytes);
      return lane_.streams.receive(node, effect.stream, {range.size, range, true});
    }
    case EffectKind::close_stream:
      return lane_.streams.close(node, effect.stream);
    default:
      return lane_.streams.reset(context, node, effect.stream);
  }
}

}  // namespace peerbed::sim
