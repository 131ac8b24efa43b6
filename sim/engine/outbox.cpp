#include "sim/engine/outbox.h"

#include <span>

#include "host/damage.h"

namespace peerbed::sim {

void Outbox::add(Event event, EventKind kind, Bytes payload, std::uint64_t corruption) {
  event.what = Event::pack(kind, static_cast<std::uint32_t>(payload.size()));
  earliest_ = std::min(earliest_, event.time);
  events_.push_back(event);
  payloads_.insert(payloads_.end(), payload.begin(), payload.end());
  if (corruption != 0) flip_bit(std::span(payloads_).last(payload.size()), corruption);
}

}  // namespace peerbed::sim
