#pragma once
// Datagrams from the hosts of one lane to those of another, which takes them at the end of a window. The order in which
// they lie here does not matter: each is an event, and the order is in the events.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocols/environment/codec.h"
#include "sim/core/event.h"

namespace peerbed::sim {

class Outbox {
 public:
  // `event` is that of the datagram's arrival; what it stands for is found where it is taken. Nonzero `corruption`
  // selects a bit to flip.
  void add(Event event, EventKind kind, Bytes payload, std::uint64_t corruption);
  // When the first of them arrives; INT64_MAX if there is none.
  std::int64_t earliest() const noexcept { return earliest_; }
  // Calls take(event, kind, payload) for each, and forgets them.
  template <class Take>
  void empty(Take&& take) {
    std::size_t at = 0;
    for (const Event& event : events_) {
      take(event, event.kind(), Bytes(payloads_.data() + at, event.value()));
      at += event.value();
    }
    events_.clear();
    payloads_.clear();
    earliest_ = INT64_MAX;
  }

 private:
  std::vector<Event> events_;  // each with the size of its payload as value
  std::vector<std::byte> payloads_;
  std::int64_t earliest_ = INT64_MAX;
};

}  // namespace peerbed::sim
