#pragma once
// What a type must provide to be a node: a copyable value, driven by inputs, that acts through its Environment. The
// same type, in the same object code, runs in the simulator and over real sockets.

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "protocols/environment/codec.h"
#include "protocols/environment/content.h"
#include "protocols/environment/environment.h"
#include "protocols/environment/state.h"
#include "protocols/environment/stream.h"

namespace peerbed {

// The process starts. `stored` lists the content that an earlier process of this node left on the disk.
struct Start {
  std::span<const ContentKey> stored;
};

// Handlers never block, throw or read a clock. A datagram's bytes come from anyone: a node decodes, bounds, and drops.
template <class N>
concept Node = std::copyable<N> && requires(N node, const N constant, Environment& environment, Start start,
                                            Address from, Bytes payload, TimerId timer, std::string_view line) {
  { N::timer_count } -> std::convertible_to<std::size_t>;                          // timers have lower numbers
  { N::trace_events } -> std::convertible_to<std::span<const TraceEventType>>;     // see trace.h
  { N::message_kinds } -> std::convertible_to<std::span<const std::string_view>>;  // names by Header::kind
  node.on_start(environment, start);
  node.on_datagram(environment, from, payload);
  node.on_timer(environment, timer);
  node.on_command(environment, line);  // from a user or a workload
  node.on_leave(environment);          // leave gracefully; exit() when it is done
  constant.fields();                   // std::tie of the whole state
};

// Optional inputs, for nodes that use the effects that they answer.
template <class N>
concept ContentNode = Node<N> && requires(N node, Environment& environment, const ContentReady& ready) {
  node.on_content(environment, ready);
};
template <class N>
concept StreamNode = Node<N> && requires(N node, Environment& environment, const StreamEvent& event) {
  node.on_stream(environment, event);
};

// A node that another process may examine: what checkers and analyses may see of it is encoded as bytes, and decoded
// there by a mirror, which is a node that was created alike and never runs.
template <class N>
concept InspectableNode = Node<N> && requires(N mirror, const N constant, std::vector<std::byte>& out, Bytes bytes) {
  constant.append_visible_state(out);
  { mirror.take_visible_state(bytes) } -> std::same_as<bool>;  // false if the bytes are invalid
};

// A hint for nodes with state on the heap: an input follows soon, so prefetch what handling it will read.
template <class N>
concept PrefetchingNode = Node<N> && requires(const N node) {
  node.prefetch();
};

// The same for an event of one of its streams; prefetch() has been called before.
template <class N>
concept StreamPrefetchingNode = StreamNode<N> && requires(const N node, StreamId stream) {
  node.prefetch(stream);
};

}  // namespace peerbed
