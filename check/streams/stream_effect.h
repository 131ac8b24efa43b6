#pragma once
// What a checked node does to its streams, and what it hears of them.

#include <optional>
#include <tuple>

#include "check/disks/stored_content.h"
#include "check/streams/connection.h"
#include "host/node_index.h"
#include "protocols/environment/effects.h"
#include "protocols/environment/stream.h"

namespace peerbed::check {

struct StreamEffect {
  EffectKind kind{};
  StreamId stream{};
  NodeIndex to = no_node;                // opened to; no_node: to somebody who is not checked
  StreamRequest request{};               // what is asked for; of content that is sent, its range
  std::optional<StoredContent> bytes{};  // written or sent; none: the disk does not have what is to be sent
};

// An event as a node gets it. The bytes of content go to its disk.
struct StreamInput {
  StreamEventKind kind{};
  StreamId stream{};
  NodeIndex peer = no_node;
  StoredContent bytes{};
  ContentRange range{};
  auto fields() const { return std::tie(kind, stream, peer, bytes, range.content, range.offset, range.size); }
};

}  // namespace peerbed::check
