#pragma once
// Streams as a node sees them: reliable, ordered, two-way byte pipes that a node opens to an address, with
// back-pressure and half-close. A node that declares on_stream receives these inputs.

#include <compare>
#include <cstdint>

#include "protocols/environment/address.h"
#include "protocols/environment/codec.h"

namespace peerbed {

// Chosen by the node that opens a stream (odd numbers) or by the host for one it accepts (even numbers); never reused
// within the life of a process.
struct StreamId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(const StreamId&, const StreamId&) = default;
};

enum class StreamEventKind : std::uint8_t {
  opened,          // the peer accepted what this node opened
  accepted,        // a peer opened a stream to this node
  readable,        // bytes arrived in order
  writable,        // there is room again after a short write
  content_sent,    // a range given to send_content has left
  content_stored,  // a range given to receive_content has arrived
  half_closed,     // the peer will write no more
  closed,          // both sides are done
  reset,           // the peer's host refused or forgot the stream
};

struct StreamEvent {
  StreamId stream;
  StreamEventKind kind{};
  Address peer;
  Bytes bytes;  // for readable; valid during the handler only
};

}  // namespace peerbed
