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

// Keeps to a rate: a sender that has moved some bytes waits until the rate allows the next. Bytes move in small
// portions, each of which may start as soon as the one before it is paid for.
class Pace {
 public:
  explicit Pace(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  Time free_at() const noexcept { return free_at_; }
  void spend(Time now, std::uint64_t bytes) noexcept;
  // That may be moved at once.
  std::uint64_t portion() const noexcept;

 private:
  std::uint64_t bytes_per_second_;
  Time free_at_{};
};

// What lies before a stream's bytes. A rate is shared by all streams of a node; null: without limit.
struct StreamPath {
  Duration delay{};  // of what is written, one way
  Pace* upload = nullptr;
  Pace* download = nullptr;
};

// The fate of a datagram: each of its copies leaves this much later, with a bit flipped if `corruption` is not 0.
struct Departures {
  struct Copy {
    Duration delay{};
    std::uint64_t corruption = 0;  // says which
  };
  std::size_t count = 0;  // 0: it is lost
  std::array<Copy, 2> copy;
};

class TrafficShaper {
 public:
  virtual ~TrafficShaper() = default;
  virtual Departures departures(NodeIndex from, Address to, std::size_t size, Time now) = 0;
  virtual StreamPath path(NodeIndex from, Address to, Time now) = 0;
};

}  // namespace peerbed::adapter
