#pragma once
// Packets that wait in the queues of one link: first in, first out in each of any number of lists.

#include <cstddef>
#include <cstdint>

#include "protocols/environment/time.h"
#include "sim/core/event.h"
#include "sim/core/pool.h"

namespace peerbed::sim {

struct QueuedPacket {
  Event event;             // what goes on when it has left; of a datagram or a segment at a link
  std::uint32_t size = 0;  // with headers, bytes
  std::uint64_t flow = 0;  // the same for the packets of a stream, or for the datagrams from one host to another
  Time queued;
  Duration onward{};         // from the end of the wire to where its event is about
  bool is_markable = false;  // with ECN: congestion experienced
  bool is_marked = false;
};

struct PacketList {
  static constexpr std::uint32_t none = UINT32_MAX;
  std::uint32_t first = none;
  std::uint32_t last = none;
  std::uint32_t packets = 0;
  std::uint64_t bytes = 0;
};

class PacketStore {
 public:
  void push(PacketList& list, const QueuedPacket& packet) {
    const std::uint32_t slot = places_.take();
    places_[slot] = {packet, PacketList::none};
    (list.packets == 0 ? list.first : places_[list.last].next) = slot;
    list.last = slot;
    ++list.packets;
    list.bytes += packet.size;
    bytes_ += packet.size;
  }
  // The list is not empty.
  QueuedPacket pop(PacketList& list) {
    const std::uint32_t slot = list.first;
    const Place& place = places_[slot];
    list.first = place.next;
    --list.packets;
    list.bytes -= place.packet.size;
    bytes_ -= place.packet.size;
    places_.release(slot);
    return place.packet;
  }
  std::uint64_t bytes() const noexcept { return bytes_; }  // of all packets, in all lists
  std::size_t memory() const noexcept { return places_.bytes(); }

  template <class Visit>
  void for_each(const PacketList& list, Visit&& visit) const {
    for (std::uint32_t slot = list.first, i = 0; i < list.packets; slot = places_[slot].next, ++i)
      visit(places_[slot].packet);
  }

 private:
  struct Place {
    QueuedPacket packet;
    std::uint32_t next = PacketList::none;
  };
  Pool<Place> places_;
  std::uint64_t bytes_ = 0;
};

}  // namespace peerbed::sim
