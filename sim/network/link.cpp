#include "sim/network/link.h"

#include <algorithm>
#include <bit>

namespace peerbed::sim {

namespace {

__extension__ using Wide = unsigned __int128;
constexpr std::uint64_t bits_nanoseconds = 8'000'000'000;  // nanoseconds per second times bits per byte

// Marks the last of a burst's remaining packets lost, so that `fitting` remain. Returns how many were lost here.
std::uint32_t keep_first(std::uint32_t fitting, std::uint32_t packets, Passage& passage) noexcept {
  std::uint32_t coming = packets - static_cast<std::uint32_t>(std::popcount(passage.lost));
  const std::uint32_t dropped = coming - fitting;
  for (std::uint32_t i = packets; coming > fitting;) {
    const std::uint64_t bit = std::uint64_t{1} << --i;
    if ((passage.lost & bit) != 0) continue;
    passage.lost |= bit;
    --coming;
  }
  return dropped;
}

}  // namespace

void Link::set(const LinkLimit& changed) {
  limit_ = changed;
  const std::uint64_t rate = limit_.rate.bits_per_second;
  time_per_byte_ = rate == 0 ? 0 : static_cast<std::uint64_t>((Wide{bits_nanoseconds} << 32) / rate);
  queue_time_ = rate == 0 ? Duration{} : time_to_send(limit_.queue_bytes);
}

std::uint64_t Link::queued(Time at) const noexcept {
  if (free_at_ <= at || !is_limited()) return 0;
  if (limit_.schedule) return limit_.schedule->bytes_between(at, free_at_);
  const auto waiting = static_cast<std::uint64_t>((free_at_ - at).count());
  return static_cast<std::uint64_t>(static_cast<Wide>(waiting) * limit_.rate.bits_per_second / bits_nanoseconds);
}

bool Link::take(std::uint64_t wire_size, Time& at) {
  const std::uint64_t rate = limit_.rate.bits_per_second;
  if (rate == 0) return true;
  if (limit_.schedule) return take_scheduled(wire_size, at);
  const Time begin = std::max(at, free_at_);
  const auto waiting = static_cast<std::uint64_t>((begin - at).count());
  const auto queued = static_cast<std::uint64_t>(static_cast<Wide>(waiting) * rate / bits_nanoseconds);
  if (queued > 0 && queued + wire_size > limit_.queue_bytes) return false;
  const auto transmission = (static_cast<Wide>(wire_size) * bits_nanoseconds + rate - 1) / rate;
  free_at_ = begin + Duration(static_cast<std::int64_t>(transmission));
  at = free_at_;
  return true;
}

Time Link::sent_by(Time begin, std::uint64_t wire_size) const noexcept {
  if (limit_.schedule) return limit_.schedule->finish(begin, wire_size);
  const std::uint64_t rate = limit_.rate.bits_per_second;
  return begin + Duration(static_cast<std::int64_t>((Wide{wire_size} * bits_nanoseconds + rate - 1) / rate));
}

namespace {

Duration jitter_of(const LinkTraits& traits, KeyedStream& draws) noexcept {
  return Duration(static_cast<std::int64_t>(static_cast<double>(traits.jitter.count()) * draws.unit()));
}

}  // namespace

bool Link::is_lost(KeyedStream draws, Time& at) {
  if (draws.unit() < limit_.traits->loss) return true;
  at = last_out_ = std::max(at + jitter_of(*limit_.traits, draws), last_out_);
  return false;
}

std::uint32_t Link::lose(KeyedStream draws, std::uint32_t packets, Passage& passage) {
  std::uint32_t lost = 0;
  for (std::uint64_t bit = 1, i = 0; i < packets; ++i, bit <<= 1) {
    if (draws.unit() >= limit_.traits->loss || (passage.lost & bit) != 0) continue;
    passage.lost |= bit;
    ++lost;
  }
  const Duration later = std::max(jitter_of(*limit_.traits, draws), last_out_ - passage.first);
  passage.first += later;
  last_out_ = passage.last += later;
  return lost;
}

// Packets dropped before this link take no space in its queue; the times are still those of the whole burst.
std::uint32_t Link::take(std::uint32_t packets, std::uint64_t wire_size, Passage& passage) {
  if (limit_.rate.bits_per_second == 0) return 0;
  if (limit_.schedule) return take_scheduled(packets, wire_size, passage);
  const Time begin = std::max(passage.first, free_at_);
  // The queue is fullest when the last packet arrives; by then the wire has sent some.
  const Duration room = passage.first + queue_time_ + (passage.last - passage.first) - begin;
  Duration sending = time_to_send(wire_size);
  const Duration one = packets == 1 ? sending : time_to_send((wire_size + packets - 1) / packets);
  std::uint32_t dropped = 0;
  if (passage.lost != 0 || sending > room) {
    const std::uint32_t coming = packets - static_cast<std::uint32_t>(std::popcount(passage.lost));
    // An idle link takes one packet, however small its queue is.
    const bool is_idle = begin == passage.first;
    const auto fitting = static_cast<std::uint32_t>(std::clamp<std::int64_t>(room / one, is_idle ? 1 : 0, coming));
    dropped = keep_first(fitting, packets, passage);
    if (fitting == 0) return dropped;
    if (fitting < packets) sending = fitting * one;
  }
  free_at_ = begin + sending;
  passage.first = begin + std::min(one, sending);
  passage.last = std::max(free_at_, passage.last + one);
  return dropped;
}

bool Link::take_scheduled(std::uint64_t wire_size, Time& at) {
  const Time begin = std::max(at, free_at_);
  const std::uint64_t queued = limit_.schedule->bytes_between(at, begin);
  if (queued > 0 && queued + wire_size > limit_.queue_bytes) return false;
  free_at_ = limit_.schedule->finish(begin, wire_size);
  at = free_at_;
  return true;
}

std::uint32_t Link::take_scheduled(std::uint32_t packets, std::uint64_t wire_size, Passage& passage) {
  const RateSchedule& schedule = *limit_.schedule;
  const Time begin = std::max(passage.first, free_at_);
  const std::uint64_t one = (wire_size + packets - 1) / packets;
  const std::uint32_t coming = packets - static_cast<std::uint32_t>(std::popcount(passage.lost));
  // Bytes that the queue and the wire have taken when the last packet arrives.
  const std::uint64_t ahead = begin > passage.last ? schedule.bytes_between(passage.last, begin) : 0;
  const std::uint64_t sent = begin < passage.last ? schedule.bytes_between(begin, passage.last) : 0;
  const std::uint64_t room = limit_.queue_bytes + sent - std::min(ahead, limit_.queue_bytes + sent);
  const std::uint32_t least = begin == passage.first ? std::min(coming, 1u) : 0;
  const auto fitting = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(room / one, least, coming));
  const std::uint32_t dropped = keep_first(fitting, packets, passage);
  if (fitting == 0) return dropped;
  free_at_ = schedule.finish(begin, fitting < packets ? fitting * one : wire_size);
  passage.first = schedule.finish(begin, one);
  passage.last = std::max(free_at_, schedule.finish(passage.last, one));
  return dropped;
}

}  // namespace peerbed::sim
