#pragma once
// One direction of a link (a host's up-link or down-link, or a link of a topology): a drop-tail queue in front of a
// wire. Datagrams and bursts of packets share it in order of arrival.

#include <cstdint>
#include <memory>

#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/network/rate_schedule.h"

namespace peerbed::sim {

// A queue of `queue_bytes` in front of a wire of `rate`. A rate of zero means unlimited, without a queue.
struct LinkLimit {
  Rate rate;
  std::uint64_t queue_bytes = 0;
  std::shared_ptr<const RateSchedule> schedule{};  // of a rate that changes; `rate` is then its mean
  friend bool operator==(const LinkLimit&, const LinkLimit&) = default;
};

// Which packets of a burst got through, and when the first and the last of them arrive.
struct Passage {
  Time first;
  Time last;
  Duration stretch{};         // how far random latencies spread these two apart
  std::uint64_t lost = 0;     // a bit per packet
  std::uint64_t damaged = 0;  // of those that were not lost: corrupted, and not caught by a checksum
};

class Link {
 public:
  // What is queued stays, and leaves at the times already decided.
  void set(const LinkLimit& changed);
  const LinkLimit& limit() const noexcept { return limit_; }
  bool is_limited() const noexcept { return limit_.rate.bits_per_second != 0; }
  // When the wire will have sent everything that is queued.
  Time free_at() const noexcept { return free_at_; }
  // What the wire has still to send at `at`, in whole bytes.
  std::uint64_t queued(Time at) const noexcept;

  // Queues one packet that arrives at `at`, which is no earlier than in the last call; sets `at` to when its last bit
  // has been sent. False when the queue is full.
  bool take(std::uint64_t wire_size, Time& at);
  // Queues the packets of a burst that arrive from `passage.first` to `passage.last`, and sets these to when they
  // leave; wire_size is the sum over all packets. Packets that find the queue full are lost, the last ones first.
  // Returns how many.
  std::uint32_t take(std::uint32_t packets, std::uint64_t wire_size, Passage& passage);

 private:
  Duration time_to_send(std::uint64_t bytes) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return Duration(static_cast<std::int64_t>((static_cast<Wide>(bytes) * time_per_byte_) >> 32) + 1);
  }

  // The same for a rate that changes.
  bool take_scheduled(std::uint64_t wire_size, Time& at);
  std::uint32_t take_scheduled(std::uint32_t packets, std::uint64_t wire_size, Passage& passage);

  LinkLimit limit_;
  Time free_at_;
  std::uint64_t time_per_byte_ = 0;  // nanoseconds times 2^32
  Duration queue_time_{};            // to send a full queue
};

}  // namespace peerbed::sim
