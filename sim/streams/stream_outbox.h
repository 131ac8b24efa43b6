#pragma once
// What streams send from the hosts of one lane to those of another, which takes it at the end of a window: segments,
// and what was written into streams that are read there. A segment is under way for longer than a window, so its bytes
// are there before it.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocols/environment/codec.h"
#include "sim/core/event_queue.h"
#include "sim/streams/end_ref.h"
#include "sim/streams/pipe.h"
#include "sim/streams/segment.h"

namespace peerbed::sim {

class StreamOutbox {
 public:
  // `event` is that of the segment's arrival; its value is found where it is taken.
  void add(const Event& event, const Segment& segment) {
    earliest_ = std::min(earliest_, event.time);
    segments_.push_back({event, segment});
  }
  // All that was written before the reading end was known.
  void add(NodeIndex reader, EndRef end, Pipe&& pipe) { pipes_.push_back({reader, end, std::move(pipe)}); }
  // What is written after that.
  void add(NodeIndex reader, EndRef end, Bytes bytes) {
    writes_.push_back({reader, end, {}, static_cast<std::uint32_t>(bytes.size())});
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void add(NodeIndex reader, EndRef end, const Extent& extent) { writes_.push_back({reader, end, extent, 0}); }

  // When the first segment arrives; INT64_MAX if there is none.
  std::int64_t earliest() const noexcept { return earliest_; }
  // Hands everything to the tables of the other lane, and to its queue, and forgets it.
  template <class Ends, class Segments>
  void empty(Ends& ends, Segments& segments, EventQueue& queue) {
    for (Staged& staged : pipes_) ends.take_pipe(staged.reader, staged.end, std::move(staged.pipe));
    std::size_t at = 0;
    for (const Write& write : writes_) {
      if (write.extent.size > 0) {
        ends.write_here(write.reader, write.end, write.extent);
      } else {
        ends.write_here(write.reader, write.end, Bytes(bytes_.data() + at, write.bytes));
        at += write.bytes;
      }
    }
    for (auto& [event, segment] : segments_) {
      event.what = Event::pack(event.kind(), segments.add(segment));
      queue.push(event);
    }
    pipes_.clear();
    writes_.clear();
    bytes_.clear();
    segments_.clear();
    earliest_ = INT64_MAX;
  }

 private:
  struct Staged {
    NodeIndex reader;
    EndRef end;
    Pipe pipe;
  };
  struct Write {
    NodeIndex reader;
    EndRef end;
    Extent extent;            // empty: literal bytes
    std::uint32_t bytes = 0;  // of them
  };

  std::vector<std::pair<Event, Segment>> segments_;
  std::vector<Staged> pipes_;
  std::vector<Write> writes_;
  std::vector<std::byte> bytes_;  // the literal ones, in order
  std::int64_t earliest_ = INT64_MAX;
};

}  // namespace peerbed::sim
