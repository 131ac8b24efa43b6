#pragma once
// A node's requests to receive bytes of a stream, in order. With a slow disk, content is written as it arrives, chunk
// by chunk, and a request is answered when all of it is written.

#include <cstdint>
#include <vector>

#include "protocols/environment/content.h"
#include "protocols/environment/time.h"
#include "sim/core/ring_buffer.h"
#include "sim/storage/disks.h"

namespace peerbed::sim {

struct StreamRequest {
  std::uint64_t size = 0;
  ContentRange range;  // where the bytes go, if they go to content
  bool to_content = false;
};

class RequestQueue {
 public:
  // Forgets all but its memory, for a new stream.
  void begin();

  bool empty() const noexcept { return requests_.empty(); }
  const StreamRequest& front() const noexcept { return requests_.front(); }
  void add(const StreamRequest& request);
  void pop_front();
  // The node is told that the peer has sent everything: what it asked for beyond that is void, and it asks no more.
  void close();
  bool is_closed() const noexcept { return is_closed_; }

  // For a slow disk: of the first request, whose bytes begin at `begin`, everything below `arrived` has come. Hands
  // that to the disk. Returns whether the disk has written all of the request.
  bool is_written(std::uint64_t begin, std::uint64_t arrived, HostDisk& disk, Time now);
  Time written_at() const noexcept { return written_at_; }  // when the disk has written what it was handed

  void prefetch() const noexcept { requests_.prefetch(); }
  void append_state(std::vector<std::byte>& out) const;

 private:
  RingBuffer<StreamRequest> requests_;
  bool is_closed_ = false;
  std::uint64_t writing_end_ = 0;  // everything below was handed to the disk
  Time written_at_ = Time::max();
};

}  // namespace peerbed::sim
