#pragma once
// What a world is made with.

#include <cstddef>
#include <cstdint>

#include "protocols/environment/address.h"
#include "sim/core/event_queue.h"
#include "sim/core/types.h"
#include "sim/streams/stream_options.h"

namespace peerbed::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  EventQueueKind queue = EventQueueKind::wheel;
  std::size_t receive_buffer = 212'992;  // bytes of datagrams that a paused host keeps (Linux net.core.rmem_default)
  StreamOptions streams{};
  AddressFamily family = AddressFamily::ipv4;  // of all hosts
  Rate hashing{8'000'000'000};  // SHA-256 at each host, one piece after the other; 0 means that it takes no time
  // How many threads run_until() may use, from 1 to 64; they change nothing but speed. World::why_on_one_thread() says
  // why a world does not use them.
  std::size_t threads = 1;
  // Events in a window (windows.h) that are worth waking the other threads: with fewer, one thread handles all lanes.
  std::uint64_t events_worth_waking = 128;
};

}  // namespace peerbed::sim
