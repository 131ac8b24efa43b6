#pragma once
// The options of a coursework peer. All peers of a ring should be given the same options; peers share one object.

#include <chrono>
#include <cstddef>
#include <tuple>

#include "protocols/environment/time.h"
#include "protocols/ring/base/key.h"

namespace peerbed::coursework {

// Peers have ids of 8 bits.
constexpr ring::KeySpace peer_space(8);

// The most bytes of a text that a store command carries.
constexpr std::size_t maximum_text_size = 1024;

struct Options {
  Duration ping_interval = std::chrono::seconds(10);
  unsigned missed_pings = 3;  // in a row, then a successor is declared dead

  // A message is repeated until it is confirmed. Each further wait is twice as long, up to four times the first.
  Duration rpc_timeout = std::chrono::milliseconds(500);  // the first wait
  unsigned rpc_attempts = 5;                              // 1..16

  auto fields() const { return std::tie(ping_interval, missed_pings, rpc_timeout, rpc_attempts); }
  friend bool operator==(const Options& one, const Options& other) { return one.fields() == other.fields(); }
};

}  // namespace peerbed::coursework
