#pragma once
// What pending events and all that they refer to add to the digest of a world's state.

#include "sim/core/event.h"
#include "sim/core/trace_digest.h"
#include "sim/engine/datagrams_under_way.h"
#include "sim/storage/content_operations.h"
#include "sim/streams/streams.h"

namespace peerbed::sim {

class EventState {
 public:
  // The tables must outlive this.
  EventState(const DatagramsUnderWay& datagrams, const ContentOperations& operations, const Streams& streams)
      : datagrams_(datagrams), operations_(operations), streams_(streams) {}

  void append(const Event& event, TraceDigest& digest) const;

 private:
  const DatagramsUnderWay& datagrams_;
  const ContentOperations& operations_;
  const Streams& streams_;
};

}  // namespace peerbed::sim
