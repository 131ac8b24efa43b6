#pragma once
// The numbers of a node's streams. Ids only tell streams apart, and grow for ever; so a canonical form knows a stream
// by where it occurs first.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "protocols/environment/stream.h"

namespace peerbed::check {

class StreamNumbers {
 public:
  // From 1; 0 of none.
  std::uint32_t of(StreamId stream) {
    if (stream == StreamId{}) return 0;
    const auto known = std::find(streams_.begin(), streams_.end(), stream);
    const auto number = static_cast<std::uint32_t>(known - streams_.begin()) + 1;
    if (known == streams_.end()) streams_.push_back(stream);
    return number;
  }
  std::vector<StreamId> take() { return std::move(streams_); }

 private:
  std::vector<StreamId> streams_;
};

}  // namespace peerbed::check
