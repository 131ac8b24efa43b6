#pragma once
// Imposes delay, loss, damage and rate limits on what a host's nodes send, because the kernel does not. A host has no
// shaper unless an experiment gives it one.

#include <array>
#include <cstddef>
#include <cstdint>

#include "host/observer.h"
#include "protocols/environment/address.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/time.h"

namespace peerbed::adapter {

// Keeps to a rate: a sender that has moved some bytes waits until the rate allows more. Bytes move in small portions,
// each of which may start as soon as the one before it is paid for.
class Pace {
 public:
  explicit Pace(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  Time free_at() const noexcept { return free_at_; }
  // What was moved before is paid for at the old rate.
  void set_rate(std::uint64_t bytes_per_second) noexcept { bytes_per_second_ = bytes_per_second; }
  void spend(Time now, std::uint64_t bytes) noexcept;
  // Bytes that may be moved at once.
  std::uint64_t portion() const noexcept;

 private:
  std::uint64_t bytes_per_second_;
  Time free_at_{};
};

// What is imposed on a stream's bytes. A rate is shared by all streams of a node; null means no limit.
struct StreamPath {
  Duration delay{};  // of written bytes, one way
  Pace* upload = nullptr;
  Pace* download = nullptr;
};

// The fate of a datagram: when each of its copies leaves, and whether a bit is flipped.
struct Departures {
  struct Copy {
    Duration delay{};
    std::uint64_t corruption = 0;  // selects the bit to flip; 0: none
  };
  std::size_t count = 0;  // 0: the datagram is lost
  std::array<Copy, 2> copy;
};

class TrafficShaper {
 public:
  virtual ~TrafficShaper() = default;
  virtual Departures departures(NodeIndex from, Address to, std::size_t size, Time now) = 0;
  virtual StreamPath path(NodeIndex from, Address to, Time now) = 0;
};

}  // namespace peerbed::adapter
