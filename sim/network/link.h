#pragma once
// One direction of a link (a host's up-link or down-link, or a link of a topology): a drop-tail queue in front of a
// wire, which may lose packets and vary in delay. Datagrams and bursts of packets share it in order of arrival. A queue
// of another discipline is managed_links.h.

#include <cstdint>
#include <memory>

#include "protocols/environment/random.h"
#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/network/rate_schedule.h"
#include "sim/queues/discipline.h"

namespace peerbed::sim {

// A link on the way of a packet that is more than a rate and a drop-tail queue at its host: one of the backbone, or the
// up-link or down-link of a host with a managed queue.
using LinkIndex = std::uint32_t;
constexpr LinkIndex no_link = UINT32_MAX;
constexpr LinkIndex link_of_host = 1U << 31;
constexpr LinkIndex uplink_of(NodeIndex node) noexcept { return link_of_host | node << 1; }
constexpr LinkIndex downlink_of(NodeIndex node) noexcept { return link_of_host | node << 1 | 1; }
constexpr bool is_host_link(LinkIndex link) noexcept { return (link & link_of_host) != 0 && link != no_link; }
constexpr bool is_uplink(LinkIndex link) noexcept { return is_host_link(link) && (link & 1) == 0; }
constexpr bool is_downlink(LinkIndex link) noexcept { return is_host_link(link) && (link & 1) != 0; }

// What only some links have.
struct LinkTraits {
  QueueDiscipline discipline{};
  double loss = 0;    // share of the packets that the wire loses
  Duration jitter{};  // the wire takes up to so much longer for each packet, uniformly; packets do not overtake
  bool has_chance() const noexcept { return loss > 0 || jitter > Duration::zero(); }
  friend bool operator==(const LinkTraits&, const LinkTraits&) = default;
};

// A queue of `queue_bytes` in front of a wire of `rate`. A rate of zero means unlimited, without a queue.
struct LinkLimit {
  Rate rate;
  std::uint64_t queue_bytes = 0;
  std::shared_ptr<const RateSchedule> schedule{};  // of a rate that changes; `rate` is then its mean
  std::shared_ptr<const LinkTraits> traits{};      // null: drop-tail, without loss or jitter

  bool is_limited() const noexcept { return rate.bits_per_second != 0; }
  bool is_managed() const noexcept { return traits && traits->discipline.kind != Discipline::drop_tail; }
  bool has_chance() const noexcept { return traits && traits->has_chance(); }
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
  bool is_limited() const noexcept { return limit_.is_limited(); }
  bool is_managed() const noexcept { return limit_.is_managed(); }
  bool has_chance() const noexcept { return limit_.has_chance(); }
  // Whether anything happens to a packet here.
  bool is_crossed() const noexcept { return limit_.is_limited() || limit_.traits != nullptr; }
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
  // When a wire that begins to send this many bytes at `begin` has sent them; it has a rate.
  Time sent_by(Time begin, std::uint64_t wire_size) const noexcept;

  // What left the wire at `at` is lost by chance, or varies in delay, which is added to `at`.
  bool is_lost(KeyedStream draws, Time& at);
  // The same for a burst. Returns how many packets were lost.
  std::uint32_t lose(KeyedStream draws, std::uint32_t packets, Passage& passage);

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
  Time last_out_;                    // when the last packet left the link, with its jitter
};

}  // namespace peerbed::sim
