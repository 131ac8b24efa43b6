#pragma once
// What a node wrote or sent into a stream and that has not left completely, in order of the stream's bytes. With a slow
// disk, content is read ahead of sending, chunk by chunk, up to four chunks.

#include <cstdint>
#include <vector>

#include "protocols/environment/content.h"
#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"
#include "sim/core/ring_buffer.h"
#include "sim/storage/disks.h"

namespace peerbed::sim {

class SendQueue {
 public:
  // Forgets all but its memory, for a new stream.
  void begin();

  // The node wrote `size` bytes of its own, or sent a range of content, and the stream now ends at `end`.
  void write(std::uint64_t end, std::uint64_t size);
  void send(std::uint64_t end, const ContentRange& range);
  // Whether this many more bytes of its own may wait: at most maximum_stream_backlog.
  bool has_room_for(std::uint64_t size) const noexcept { return waiting_ + size <= maximum_stream_backlog; }

  // All bytes below `next` have left. The node hears nothing of its own bytes, and of each range of content.
  void drop_written(std::uint64_t next);
  bool has_sent_content(std::uint64_t next) const noexcept {
    return !items_.empty() && items_.front().is_content && items_.front().end <= next;
  }
  // Call only if has_sent_content().
  ContentRange take_sent_content(std::uint64_t next);

  // For a slow disk: how far the stream can be sent now, when all bytes below `next` have left. Begins to read the next
  // chunk if none is being read.
  std::uint64_t read_ahead(std::uint64_t next, HostDisk& disk, Time now);
  Time read_at() const noexcept { return read_at_; }  // when the chunk that is being read will be there

  void prefetch() const noexcept { items_.prefetch(); }
  void append_state(std::vector<std::byte>& out) const;

 private:
  struct Item {
    std::uint64_t end = 0;   // in the stream
    std::uint64_t size = 0;  // of the node's own bytes
    ContentRange range;
    bool is_content = false;
  };
  void add(const Item& item);

  RingBuffer<Item> items_;
  std::uint64_t waiting_ = 0;      // of the node's own bytes
  std::uint64_t read_end_ = 0;     // everything below was read
  std::uint64_t reading_end_ = 0;  // the read under way ends here
  Time read_at_ = Time::max();
};

}  // namespace peerbed::sim
