// Streams between the world and its nodes: effects into them, events out of them.

#include "protocols/environment/random.h"
#include "sim/engine/world.h"

namespace peerbed::sim {

namespace {

// Bytes that the effect adds to its stream.
std::uint64_t size_of(const Effect& effect, Bytes bytes) {
  if (effect.kind == EffectKind::write_stream) return bytes.size();
  return effect.kind == EffectKind::send_content ? range_in(bytes).size : 0;
}

bool asks_to_receive(const Effect& effect) noexcept {
  return effect.kind == EffectKind::receive_bytes || effect.kind == EffectKind::receive_content;
}

}  // namespace

void World::apply_stream_effect(NodeIndex node, const Effect& effect) {
  if (observer_ != nullptr && !asks_to_receive(effect))
    observer_->on_stream_effect(now_, node, effect.kind, effect.stream, size_of(effect, effects_.bytes_of(effect)));
  StreamContext context = stream_context();
  switch (effect.kind) {
    case EffectKind::open_stream:
      return streams_.open(context, node, effect.stream, Address{effect.argument});
    case EffectKind::write_stream:
      return streams_.write(context, node, effect.stream, effects_.bytes_of(effect));
    case EffectKind::send_content:
      return send_content(node, effect);
    case EffectKind::receive_bytes:
      return streams_.receive(node, effect.stream, {effect.argument, {}, false});
    case EffectKind::receive_content: {
      const ContentRange range = range_in(effects_.bytes_of(effect));
      return streams_.receive(node, effect.stream, {range.size, range, true});
    }
    case EffectKind::close_stream:
      return streams_.close(node, effect.stream);
    default:
      return streams_.reset(context, node, effect.stream);
  }
}

// A liar damages the whole range or nothing.
void World::send_content(NodeIndex node, const Effect& effect) {
  std::uint64_t harm = 0;
  if (hosts_[node].lies) {
    const std::uint64_t draw = key_of(options_.seed, std::uint64_t{4}, node, hosts_[node].sequence++);
    if (to_unit(draw) < lies_.at(node)) harm = mix(draw) | 1;
  }
  StreamContext context = stream_context();
  streams_.send_content(context, node, effect.stream, range_in(effects_.bytes_of(effect)), harm);
}

void World::handle_stream(const Event& event) {
  StreamContext context = stream_context();
  EndIndex end = no_end;
  if (event.kind() == EventKind::segment_at_link) return streams_.cross_link(context, event);
  if (event.kind() == EventKind::segment_arrival) return streams_.pass_down_link(context, event);
  if (event.kind() == EventKind::segment) end = streams_.segment(context, event);
  if (event.kind() == EventKind::stream_alarm) end = streams_.alarm(context, event);
  if (event.kind() == EventKind::stream_ready) end = streams_.ready(event);
  if (end == no_end) return;
  const NodeIndex node = event.destination;
  const std::uint32_t generation = streams_.generation(end);
  if (hosts_[node].status == HostStatus::running) {
    streams_.serve(end);
    StreamEvent told;
    while (streams_.generation(end) == generation && streams_.next_event(context, end, told))
      tell_stream(node, told, streams_.peer_id(end));
    streams_.serve(no_end);
  } else if (hosts_[node].status == HostStatus::paused && streams_.wake(end)) {
    Event later = event;
    later.sequence = hosts_[node].sequence++;
    later.source = node;
    later.what = Event::pack(EventKind::stream_ready, end);
    defer(later);
  }
  if (streams_.generation(end) == generation) streams_.settle(context, end);
}

void World::tell_stream(NodeIndex node, const StreamEvent& event, StreamId peer_stream) {
  const auto kind = static_cast<std::uint32_t>(event.kind);
  record({now_, node, node_at(event.peer), event.stream.value, StepKind::stream, kind, event.bytes, &event, nullptr,
          peer_stream});
  if (event.range.size > 0) digest_.words(std::array{event.range.content.value, event.range.offset, event.range.size});
  run_handler(
      node, StepKind::stream,
      [&](NodeArray& population, Environment& environment) { population.stream(node, environment, event); }, {},
      node_at(event.peer));
}

}  // namespace peerbed::sim
