#pragma once
// One step of a run, as observers and digests see it: one input to one node.

#include <cstdint>

#include "host/node_index.h"
#include "protocols/environment/content.h"
#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"

namespace peerbed {

enum class StepKind : std::uint8_t { datagram, timer, start, leave, command, content, crash, pause, resume, stream };

struct Step {
  Time time;
  NodeIndex destination = no_node;
  NodeIndex source = no_node;  // the destination itself for its timers; no_node for what comes from outside
  std::uint32_t sequence = 0;  // of the source
  StepKind kind{};
  std::uint32_t timer = 0;                // for StepKind::timer
  Bytes bytes;                            // a datagram's payload or a command's line; valid during the call only
  const StreamEvent* stream = nullptr;    // for StepKind::stream, with the peer as source and the stream as sequence
  const ContentReady* content = nullptr;  // for StepKind::content
  StreamId peer_stream{};                 // for StepKind::stream: the peer's name for it, or 0
  // The destination's next sequence number before its handler runs. What the handler causes has this number or a higher
  // one.
  std::uint32_t next_sequence = 0;
};

}  // namespace peerbed
