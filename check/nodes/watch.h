#pragma once
// A watch is state beside the nodes that only observes them, such as the history of operations. It is a part of what
// tells states apart. It sees an input's message first, then what the node sent, then what it traced. It may promise
// something of itself: a `promise` is then one more property, after those of the options.

#include <concepts>
#include <string_view>
#include <tuple>

#include "check/nodes/message.h"
#include "host/node_index.h"
#include "protocols/environment/trace.h"

namespace peerbed::check {

// Watches nothing; costs nothing.
struct NoWatch {
  static constexpr bool watches = false;
  void on_delivery(const Message&) {}
  void on_send(const Message&) {}
  void on_trace(NodeIndex, std::uint16_t /*event*/, const TraceValues&) {}
  auto fields() const { return std::tie(); }
};

template <class Watch>
concept PromisingWatch = requires(const Watch& watch) {
  { Watch::promise } -> std::convertible_to<std::string_view>;
  { watch.holds() } -> std::same_as<bool>;
};

}  // namespace peerbed::check
