#include "sim/engine/lane_log.h"

#include <array>
#include <cstring>
#include <type_traits>

namespace peerbed::sim {

namespace {

// A step of a stream, behind which its bytes lie.
struct StreamStep {
  StreamEvent event;
  NodeIndex source = no_node;
  StreamId peer_stream;
};

template <class Value>
std::span<const std::byte> bytes_of(const Value& value) noexcept {
  static_assert(std::is_trivially_copyable_v<Value>);
  return std::as_bytes(std::span(&value, 1));
}

// The value at the beginning of these bytes.
template <class Value>
Value value_in(std::span<const std::byte> bytes) noexcept {
  static_assert(std::is_trivially_copyable_v<Value>);
  Value value{};
  std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
  return value;
}

}  // namespace

void LaneLog::add(const Entry& entry, std::span<const std::byte> bytes, std::span<const std::byte> more) {
  if (groups_.empty() || precedes(groups_.back().event, current_) || precedes(current_, groups_.back().event))
    groups_.push_back({current_});
  Entry sized = entry;
  sized.size = static_cast<std::uint32_t>(bytes.size() + more.size());
  const std::size_t at = bytes_.size();
  bytes_.resize(at + sizeof sized + sized.size);
  std::byte* out = bytes_.data() + at;
  std::memcpy(out, &sized, sizeof sized);
  if (!bytes.empty()) std::memcpy(out + sizeof sized, bytes.data(), bytes.size());
  if (!more.empty()) std::memcpy(out + sizeof sized + bytes.size(), more.data(), more.size());
  groups_.back().end = bytes_.size();
}

void LaneLog::on_step(const Step& step) {
  Entry entry{.what = What::step, .kind = step.kind, .timer = step.timer, .next_sequence = step.next_sequence};
  if (step.stream != nullptr) {
    entry.what = What::step_with_stream;
    const StreamStep told{*step.stream, step.source, step.peer_stream};
    return add(entry, bytes_of(told), step.bytes);
  }
  if (step.content == nullptr) return add(entry, step.bytes);
  entry.what = What::step_with_content;
  add(entry, bytes_of(*step.content), step.bytes);
}

void LaneLog::on_trace(Time, NodeIndex, std::uint16_t event, const TraceValues& values) {
  add({.what = What::trace, .number = event}, std::as_bytes(std::span(values)));
}

void LaneLog::on_line(Time time, NodeIndex node, std::string_view line) { on_refusal(time, node, {}, line); }

void LaneLog::on_refusal(Time, NodeIndex, std::string_view code, std::string_view sentence) {
  add({.what = What::line, .number = static_cast<std::uint16_t>(code.size())}, std::as_bytes(std::span(code)),
      std::as_bytes(std::span(sentence)));
}

void LaneLog::on_exit(Time, NodeIndex) { add({.what = What::exit}, {}); }

void LaneLog::on_timer_put_off(Time, NodeIndex, TimerId timer) {
  add({.what = What::timer_put_off, .number = timer}, {});
}

void LaneLog::on_stream_effect(Time, NodeIndex, EffectKind kind, StreamId stream, std::uint64_t bytes) {
  add({.what = What::stream_effect, .number = static_cast<std::uint16_t>(kind), .timer = stream.value},
      bytes_of(bytes));
}

void LaneLog::on_arrival(const LinkName& name, const LinkState& link, const LinkArrival& arrival) {
  add({.what = What::arrival, .number = static_cast<std::uint16_t>(name.place)}, bytes_of(link), bytes_of(arrival));
}

void LaneLog::on_wire_loss(const LinkName& name, Time at, std::uint32_t packets) {
  add({.what = What::wire_loss, .number = static_cast<std::uint16_t>(name.place), .timer = packets}, bytes_of(at));
}

void LaneLog::on_path_drop(NodeIndex, Time, PathDrop cause, std::uint32_t packets) {
  add({.what = What::path_drop, .number = static_cast<std::uint16_t>(cause), .timer = packets}, {});
}

void LaneLog::tell_next(const Listeners& listeners) {
  const Group& group = groups_[told_++];
  while (told_to_ < group.end) {
    Entry entry;
    std::memcpy(&entry, bytes_.data() + told_to_, sizeof entry);
    const std::span<const std::byte> bytes(bytes_.data() + told_to_ + sizeof entry, entry.size);
    told_to_ += sizeof entry + entry.size;
    tell(listeners, group.event, entry, bytes);
  }
}

void LaneLog::tell(const Listeners& listeners, const Event& event, const Entry& entry,
                   std::span<const std::byte> bytes) {
  const Time time{Duration(event.time)};
  const NodeIndex node = event.destination;
  const LinkName link{static_cast<LinkPlace>(entry.number), node};
  if (entry.what == What::arrival)
    return listeners.links->on_arrival(link, value_in<LinkState>(bytes),
                                       value_in<LinkArrival>(bytes.subspan(sizeof(LinkState))));
  if (entry.what == What::wire_loss) return listeners.links->on_wire_loss(link, value_in<Time>(bytes), entry.timer);
  if (entry.what == What::path_drop)
    return listeners.links->on_path_drop(node, time, static_cast<PathDrop>(entry.number), entry.timer);
  Observer& observer = *listeners.nodes;
  const auto text = [](std::span<const std::byte> part) {
    return std::string_view(reinterpret_cast<const char*>(part.data()), part.size());
  };
  Step step{.time = time,
            .destination = node,
            .source = event.source,
            .sequence = event.sequence,
            .kind = entry.kind,
            .timer = entry.timer,
            .bytes = bytes,
            .next_sequence = entry.next_sequence};
  switch (entry.what) {
    case What::step:
      return observer.on_step(step);
    case What::step_with_content: {
      auto ready = value_in<ContentReady>(bytes);
      ready.bytes = step.bytes = bytes.subspan(sizeof ready);
      step.content = &ready;
      return observer.on_step(step);
    }
    case What::step_with_stream: {
      auto told = value_in<StreamStep>(bytes);
      step.source = told.source;
      step.sequence = told.event.stream.value;
      step.peer_stream = told.peer_stream;
      told.event.bytes = step.bytes = bytes.subspan(sizeof told);
      step.stream = &told.event;
      return observer.on_step(step);
    }
    case What::trace:
      return observer.on_trace(time, node, entry.number, value_in<TraceValues>(bytes));
    case What::line:
      if (entry.number == 0) return observer.on_line(time, node, text(bytes));
      return observer.on_refusal(time, node, text(bytes.first(entry.number)), text(bytes.subspan(entry.number)));
    case What::exit:
      return observer.on_exit(time, node);
    case What::timer_put_off:
      return observer.on_timer_put_off(time, node, entry.number);
    case What::stream_effect:
      return observer.on_stream_effect(time, node, static_cast<EffectKind>(entry.number), StreamId{entry.timer},
                                       value_in<std::uint64_t>(bytes));
    case What::arrival:
    case What::wire_loss:
    case What::path_drop:
      break;
  }
}

void LaneLog::clear() noexcept {
  groups_.clear();
  bytes_.clear();
  told_ = told_to_ = 0;
}

void tell_in_order(std::span<LaneLog* const> logs, const Listeners& listeners, const Event* last) {
  while (true) {
    LaneLog* first = nullptr;
    for (LaneLog* log : logs)
      if (log->next() != nullptr && (first == nullptr || is_earlier(*log->next(), *first->next()))) first = log;
    if (first == nullptr || (last != nullptr && is_earlier(*last, *first->next()))) return;
    first->tell_next(listeners);
  }
}

}  // namespace peerbed::sim
