#include "sim/engine/transcript.h"

#include <tuple>

namespace peerbed::sim {

namespace {

// They tell traces and lines from steps.
constexpr std::uint64_t trace_mark = 1;
constexpr std::uint64_t line_mark = 2;

// Bytes that the effect adds to its stream.
std::uint64_t size_of(const Effect& effect, Bytes bytes) {
  if (effect.kind == EffectKind::write_stream) return bytes.size();
  return effect.kind == EffectKind::send_content ? range_in(bytes).size : 0;
}

bool asks_to_receive(const Effect& effect) noexcept {
  return effect.kind == EffectKind::receive_bytes || effect.kind == EffectKind::receive_content;
}

}  // namespace

void Transcript::trace(Time now, NodeIndex node, std::uint16_t event, const TraceValues& values, History& history) {
  static_assert(std::tuple_size_v<TraceValues> == 4);
  history.add((std::uint64_t{event} << 32) | node, values[0]);
  history.add(values[1], values[2]);
  history.add(values[3], trace_mark);
  if (observer_ != nullptr) observer_->on_trace(now, node, event, values);
}

void Transcript::line(Time now, NodeIndex node, std::string_view code, std::string_view line, History& history) {
  history.add((static_cast<std::uint64_t>(line.size()) << 32) | node, line_mark);
  history.add(std::as_bytes(std::span(line.data(), line.size())));
  if (observer_ == nullptr) return;
  if (code.empty())
    observer_->on_line(now, node, line);
  else
    observer_->on_refusal(now, node, code, line);
}

void Transcript::stream_effect(Time now, NodeIndex node, const Effect& effect, Bytes bytes) {
  if (observer_of_all_ == nullptr || asks_to_receive(effect)) return;
  observer_of_all_->on_stream_effect(now, node, effect.kind, effect.stream, size_of(effect, bytes));
}

}  // namespace peerbed::sim
