#include "sim/network/link.h"

#include <algorithm>
#include <bit>

namespace peerbed::sim {

namespace {

__extension__ using Wide = unsigned __int128;
constexpr std::uint64_t bits_nanoseconds = 8'000'000'000;  // nanoseconds per second times bits per byte

}  // namespace

void Link::set(const LinkLimit& changed) {
  limit_ = changed;
  const std::uint64_t rate = limit_.rate.bits_per_second;
  time_per_byte_ = rate == 0 ? 0 : static_cast<std::uint64_t>((Wide{bits_nanoseconds} << 32) / rate);
  queue_time_ = rate == 0 ? Duration{} : time_to_send(limit_.queue_bytes);
}

bool Link::take(std::uint64_t wire_size, Time& at) {
  const std::uint64_t rate = limit_.rate.bits_per_second;
  if (rate == 0) return true;
  const Time begin = std::max(at, free_at_);
  const auto waiting = static_cast<std::uint64_t>((begin - at).count());
  const auto queued = static_cast<std::uint64_t>(static_cast<Wide>(waiting) * rate / bits_nanoseconds);
  if (queued > 0 && queued + wire_size > limit_.queue_bytes) return false;
  const auto transmission = (static_cast<Wide>(wire_size) * bits_nanoseconds + rate - 1) / rate;
  free_at_ = begin + Duration(static_cast<std::int64_t>(transmission));
  at = free_at_;
  return true;
}

// Packets dropped before this link take no space in its queue; the times are still those of the whole burst.
std::uint32_t Link::take(std::uint32_t packets, std::uint64_t wire_size, Passage& passage) {
  if (limit_.rate.bits_per_second == 0) return 0;
  const Time begin = std::max(passage.first, free_at_);
  // The queue is fullest when the last packet arrives; by then the wire has sent some.
  const Duration room = passage.first + queue_time_ + (passage.last - passage.first) - begin;
  Duration sending = time_to_send(wire_size);
  const Duration one = packets == 1 ? sending : time_to_send((wire_size + packets - 1) / packets);
  std::uint32_t dropped = 0;
  if (passage.lost != 0 || sending > room) {
    std::uint32_t coming = packets - static_cast<std::uint32_t>(std::popcount(passage.lost));
    // An idle link takes one packet, however small its queue is.
    const bool is_idle = begin == passage.first;
    auto fitting = static_cast<std::uint32_t>(std::clamp<std::int64_t>(room / one, is_idle ? 1 : 0, coming));
    dropped = coming - fitting;
    for (std::uint32_t i = packets; coming > fitting;) {
      const std::uint64_t bit = std::uint64_t{1} << --i;
      if ((passage.lost & bit) != 0) continue;
      passage.lost |= bit;
      --coming;
    }
    if (fitting == 0) return dropped;
    if (fitting < packets) sending = fitting * one;
  }
  free_at_ = begin + sending;
  passage.first = begin + std::min(one, sending);
  passage.last = std::max(free_at_, passage.last + one);
  return dropped;
}

}  // namespace peerbed::sim
