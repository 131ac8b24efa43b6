#pragma once
// Sees what arrives at links and what is dropped there. It does not influence the run.

#include <cstdint>

#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/network/link.h"

namespace peerbed::sim {

enum class LinkPlace : std::uint8_t { uplink, downlink, backbone };

struct LinkName {
  LinkPlace place = LinkPlace::uplink;
  std::uint32_t index = 0;  // of the host, or of the link in the backbone
};

constexpr LinkName name_of(LinkIndex link) noexcept {
  if (!is_host_link(link)) return {LinkPlace::backbone, link};
  return {is_downlink(link) ? LinkPlace::downlink : LinkPlace::uplink, (link & ~link_of_host) >> 1};
}

// A datagram, or the packets of a burst that were not lost before.
struct LinkArrival {
  Time first;  // of the first packet, at the queue
  Time last;
  std::uint32_t packets = 1;
  std::uint32_t dropped = 0;  // because the queue was full
  std::uint64_t bytes = 0;    // taken, with headers
};

// A link after an arrival.
struct LinkState {
  std::uint64_t rate = 0;    // bits per second; 0: it has no limit, and there is no more to say
  std::uint64_t queue = 0;   // the size of its queue in bytes
  Time free_at;              // when the wire will have sent everything
  std::uint64_t queued = 0;  // bytes that it has still to send when the last packet of the arrival has come
};

inline LinkState state_of(const Link& link, const LinkArrival& arrival) {
  if (!link.is_limited()) return {};
  return {link.limit().rate.bits_per_second, link.limit().queue_bytes, link.free_at(), link.queued(arrival.last)};
}

// The queue of a link with a discipline, after a packet was offered to it or its wire became free.
struct QueueTurn {
  Time now;
  Time free_at;               // when the wire will have sent the packet that it is sending
  std::uint64_t level = 0;    // bytes in the queue and on the wire
  std::uint32_t packets = 0;  // that were offered
  std::uint32_t dropped = 0;
  std::uint64_t sent = 0;  // bytes that the wire begins to send
};

// What stopped packets between a host's up-link and the next queue.
enum class PathDrop : std::uint8_t { loss, partition };

class LinkObserver {
 public:
  virtual ~LinkObserver() = default;
  virtual void on_arrival(const LinkName& name, const LinkState& link, const LinkArrival& arrival) = 0;
  virtual void on_turn(const LinkName& name, const LinkLimit& limit, const QueueTurn& turn) = 0;
  // The wire of a link lost packets by chance, except of an up-link without a discipline, whose loss is the path's.
  virtual void on_wire_loss(const LinkName& name, Time at, std::uint32_t packets) = 0;
  virtual void on_path_drop(NodeIndex source, Time sent, PathDrop cause, std::uint32_t packets) = 0;
};

}  // namespace peerbed::sim
