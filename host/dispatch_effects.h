#pragma once
// Carries out the effects that a node's handler recorded, in that order. This is the one place that knows all kinds of
// effects.

#include <cstring>
#include <string_view>

#include "protocols/environment/effects.h"
#include "protocols/environment/trace.h"

namespace peerbed {

// `executor` provides these functions:
//   send_datagram(Address, Bytes)       set_timer(TimerId, std::uint64_t nanoseconds)      cancel_timer(TimerId)
//   trace(std::uint16_t event, const TraceValues&)                   print(std::string_view line)
//   refuse(std::string_view code, std::string_view sentence)
//   apply_content_effect(const Effect&, Bytes)                       apply_stream_effect(const Effect&, Bytes)
// Returns whether the process is to end. Views are valid during the call only.
template <class Executor>
bool dispatch_effects(const Effects& effects, Executor& executor) {
  bool exits = false;
  for (const Effect& effect : effects.all()) {
    switch (effect.kind) {
      case EffectKind::send_datagram:
        executor.send_datagram(Address{effect.argument}, effects.bytes_of(effect));
        break;
      case EffectKind::set_timer:
        executor.set_timer(effect.number, effect.argument);
        break;
      case EffectKind::cancel_timer:
        executor.cancel_timer(effect.number);
        break;
      case EffectKind::trace: {
        TraceValues values{};
        std::memcpy(values.data(), effects.bytes_of(effect).data(), sizeof values);
        executor.trace(effect.number, values);
        break;
      }
      case EffectKind::print_line: {
        const Bytes bytes = effects.bytes_of(effect);
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (effect.number == 0)
          executor.print(text);
        else
          executor.refuse(text.substr(0, effect.number), text.substr(effect.number));
        break;
      }
      case EffectKind::exit_process:
        exits = true;
        break;
      case EffectKind::write_content:
      case EffectKind::erase_content:
      case EffectKind::read_content:
      case EffectKind::hash_content:
      case EffectKind::import_content:
      case EffectKind::export_content:
        executor.apply_content_effect(effect, effects.bytes_of(effect));
        break;
      case EffectKind::open_stream:
      case EffectKind::write_stream:
      case EffectKind::send_content:
      case EffectKind::receive_bytes:
      case EffectKind::receive_content:
      case EffectKind::close_stream:
      case EffectKind::reset_stream:
        executor.apply_stream_effect(effect, effects.bytes_of(effect));
        break;
    }
  }
  return exits;
}

}  // namespace peerbed
