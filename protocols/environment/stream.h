#pragma once
// Streams as a node sees them: reliable, ordered, two-way byte pipes to an address. A node asks for what it wants to
// receive, piece by piece, so that it sees the same events however the network cuts a stream into segments, and nothing
// arrives faster than it asks. A node that declares on_stream receives these inputs.

#include <compare>
#include <cstddef>
#include <cstdint>

#include "protocols/environment/address.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/content.h"

namespace peerbed {

// Chosen by the node that opens a stream (odd numbers) or by the host for one that it accepts (even numbers); never
// reused within the life of a process.
struct StreamId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(const StreamId&, const StreamId&) = default;
};

// The most bytes that one receive_bytes may ask for, and that write_stream may leave waiting. Asking for more is our
// bug; leaving more waiting resets the stream, because its peer does not read.
constexpr std::size_t maximum_stream_request = 65'536;
constexpr std::size_t maximum_stream_backlog = 262'144;

enum class StreamEventKind : std::uint8_t {
  accepted,          // a peer opened this stream to this node
  opened,            // the peer's host accepted the stream that this node opened
  bytes_received,    // as many as receive_bytes asked for
  content_received,  // the range that receive_content asked for is on the disk
  content_lost,      // that range has passed, but the disk did not take it; the stream continues after it
  content_sent,      // this host's network has taken the range given to send_content
  half_closed,       // the peer will write no more, and this node asked for more than was left
  closed,            // both sides are done, and what this node wrote has arrived
  reset,             // the peer's host refused, forgot or gave up the stream; or a range could not be read
};

struct StreamEvent {
  StreamId stream;
  StreamEventKind kind{};
  Address peer;
  Bytes bytes;         // for bytes_received; valid only during the handler
  ContentRange range;  // for content_received, content_lost and content_sent
};

}  // namespace peerbed
