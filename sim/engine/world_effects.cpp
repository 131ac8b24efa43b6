// Carries out what a handler recorded: datagrams go into the network, timers into the queue, content onto the disk.

#include "host/damage.h"
#include "host/dispatch_effects.h"
#include "protocols/environment/random.h"
#include "sim/engine/world.h"

namespace peerbed::sim {

// Carries out the effects of one handler.
struct World::EffectExecutor {
  void send_datagram(Address to, Bytes payload) { world.send_datagram(node, to, payload, datagrams++); }
  void set_timer(TimerId timer, std::uint64_t delay) { world.set_timer(node, timer, delay); }
  void cancel_timer(TimerId timer) { world.population_of(node).timers(node)[timer].cancel(); }
  void trace(std::uint16_t event, const TraceValues& values) { world.emit_trace(node, event, values); }
  void print(std::string_view line) { world.print_line(node, {}, line); }
  void refuse(std::string_view code, std::string_view sentence) { world.print_line(node, code, sentence); }
  void apply_content_effect(const Effect& effect, Bytes) { world.store_content(node, effect); }
  void apply_stream_effect(const Effect& effect, Bytes) {
    world.apply_stream_effect(node, effect);
    touches_streams = true;
  }

  World& world;
  NodeIndex node;
  std::uint32_t datagrams = 0;
  bool touches_streams = false;
};

void World::apply_effects(NodeIndex node) {
  EffectExecutor executor{*this, node};
  const bool exits = dispatch_effects(effects_, executor);
  if (executor.touches_streams) {
    StreamContext context = stream_context();
    streams_.flush(context);
  }
  if (!exits) return;
  StreamContext context = stream_context();
  streams_.exit(context, node);
  stop_process(node);
  if (observer_ != nullptr) observer_->on_exit(now_, node);
}

void World::send_datagram(NodeIndex source, Address to, Bytes payload, std::uint32_t ordinal) {
  const NodeIndex destination = node_at(to);
  ++counters_.sent.datagrams;
  counters_.sent.bytes += payload.size();
  TrafficCount& kind = population_of(source).sent()[message_kind(payload)];
  ++kind.datagrams;
  kind.bytes += payload.size();
  if (destination >= hosts_.size() || to != address_of(destination)) {
    ++counters_.dropped_down;
    return;
  }
  const Duration plain = network_.plain_latency();
  if (plain != Duration::zero() && source != destination && !hosts_[source].lies)
    return deliver_later(source, destination, payload, {now_ + plain});
  Transit transit = network_.send({source, destination, payload.size(), now_, ordinal});
  switch (transit.dropped) {
    case DropCause::loss:
      ++counters_.dropped_loss;
      return;
    case DropCause::queue:
      ++counters_.dropped_queue;
      return;
    case DropCause::partition:
      ++counters_.dropped_partition;
      return;
    case DropCause::none:
      break;
  }
  counters_.reordered += transit.reordered ? 1 : 0;
  counters_.duplicated += transit.copies - 1U;
  if (hosts_[source].lies) {
    const std::uint64_t draw = key_of(options_.seed, std::uint64_t{2}, source, hosts_[source].sequence);
    if (to_unit(draw) < lies_.at(source)) transit.copy[0].corruption = mix(draw) | 1;
  }
  for (std::size_t i = 0; i < transit.copies; ++i) deliver_later(source, destination, payload, transit.copy[i]);
}

void World::deliver_later(NodeIndex source, NodeIndex destination, Bytes payload, const Transit::Copy& copy) {
  std::array<std::byte, maximum_datagram_size> damaged;
  if (copy.corruption != 0 && !payload.empty()) {
    ++counters_.corrupted;
    std::memcpy(damaged.data(), payload.data(), payload.size());
    flip_bit(std::span(damaged).first(payload.size()), copy.corruption);
    payload = Bytes(damaged.data(), payload.size());
  }
  std::uint32_t value = payloads_.store(payload);
  EventKind kind = arrival_kind(destination);
  if (copy.link != no_link) {
    const std::uint32_t slot = on_the_way_.take();
    on_the_way_[slot] = {std::exchange(value, slot), copy.link};
    kind = EventKind::datagram_at_link;
  }
  if (queue_.is_late(time_of(copy.arrival))) population_of(destination).prefetch(destination);
  queue_.push({.time = time_of(copy.arrival),
               .destination = destination,
               .source = source,
               .sequence = hosts_[source].sequence++,
               .what = Event::pack(kind, value)});
}

void World::set_timer(NodeIndex node, TimerId timer, std::uint64_t local_delay) {
  const std::span<TimerSlot> timers = population_of(node).timers(node);
  PEERBED_CONTRACT(timer < timers.size(), "a timer is numbered below the node's timer_count");
  TimerSlot& slot = timers[timer];
  const std::int64_t due = time_of(now_ + true_delay(node, local_delay));
  const std::uint32_t sequence = hosts_[node].sequence++;
  if (!slot.set(due)) {
    if (observer_ != nullptr) observer_->on_timer_put_off(now_, node, timer);
    return;
  }
  queue_.push({.time = slot.due,
               .destination = node,
               .source = node,
               .sequence = sequence,
               .what = Event::pack(EventKind::timer, timer)});
}

void World::emit_trace(NodeIndex node, std::uint16_t event, const TraceValues& values) {
  PEERBED_CONTRACT(event < trace_events(node).size(), "a node traces events of its own table, by their index");
  digest_.words(std::array{(std::uint64_t{event} << 32) | node});
  digest_.words(values);
  if (observer_ != nullptr) observer_->on_trace(now_, node, event, values);
}

// A line without a code is not a refusal.
void World::print_line(NodeIndex node, std::string_view code, std::string_view line) {
  digest_.words(std::array{(static_cast<std::uint64_t>(line.size()) << 32) | node});
  digest_.bytes(std::as_bytes(std::span(line.data(), line.size())));
  if (observer_ == nullptr) return;
  if (code.empty())
    observer_->on_line(now_, node, line);
  else
    observer_->on_refusal(now_, node, code, line);
}

}  // namespace peerbed::sim
