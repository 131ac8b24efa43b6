// What a handler recorded, done: datagrams into the network, timers into the queue, content onto the disk.

#include "protocols/environment/random.h"
#include "sim/world.h"

namespace peerbed::sim {

void World::apply_effects(NodeIndex node) {
  std::uint32_t datagrams = 0;
  bool exits = false;
  bool touches_streams = false;
  for (const Effect& effect : effects_.all()) {
    switch (effect.kind) {
      case EffectKind::send_datagram:
        send_datagram(node, Address{effect.argument}, effects_.bytes_of(effect), datagrams++);
        break;
      case EffectKind::set_timer:
        set_timer(node, effect.number, effect.argument);
        break;
      case EffectKind::cancel_timer:
        population_of(node).timers(node)[effect.number].due = TimerSlot::unset;
        break;
      case EffectKind::trace:
        emit_trace(node, effect);
        break;
      case EffectKind::print_line:
        print_line(node, effects_.bytes_of(effect).subspan(effect.number));
        break;
      case EffectKind::exit_process:
        exits = true;
        break;
      case EffectKind::write_content:
      case EffectKind::erase_content:
      case EffectKind::read_content:
      case EffectKind::hash_content:
      case EffectKind::import_content:
      case EffectKind::export_content:
        store_content(node, effect);
        break;
      case EffectKind::open_stream:
      case EffectKind::write_stream:
      case EffectKind::send_content:
      case EffectKind::receive_bytes:
      case EffectKind::receive_content:
      case EffectKind::close_stream:
      case EffectKind::reset_stream:
        apply_stream_effect(node, effect);
        touches_streams = true;
        break;
    }
  }
  if (touches_streams) {
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
    const std::uint64_t bit = to_below(mix(copy.corruption), payload.size() * 8);
    damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
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
  slot.due = time_of(now_ + true_delay(node, local_delay));
  const std::uint32_t sequence = hosts_[node].sequence++;
  if (slot.queued != TimerSlot::unset && slot.queued <= slot.due) {
    if (observer_ != nullptr) observer_->on_timer_put_off(now_, node, timer);
    return;
  }
  slot.queued = slot.due;
  queue_.push({.time = slot.due,
               .destination = node,
               .source = node,
               .sequence = sequence,
               .what = Event::pack(EventKind::timer, timer)});
}

void World::emit_trace(NodeIndex node, const Effect& effect) {
  PEERBED_CONTRACT(effect.number < trace_events(node).size(), "a node traces events of its own table, by their index");
  TraceValues values{};
  const Bytes bytes = effects_.bytes_of(effect);
  std::memcpy(values.data(), bytes.data(), sizeof values);
  digest_.words(std::array{(std::uint64_t{effect.number} << 32) | node});
  digest_.words(values);
  if (observer_ != nullptr) observer_->on_trace(now_, node, effect.number, values);
}

void World::print_line(NodeIndex node, Bytes line) {
  digest_.words(std::array{(static_cast<std::uint64_t>(line.size()) << 32) | node});
  digest_.bytes(line);
  if (observer_ != nullptr)
    observer_->on_line(now_, node, std::string_view(reinterpret_cast<const char*>(line.data()), line.size()));
}

}  // namespace peerbed::sim
