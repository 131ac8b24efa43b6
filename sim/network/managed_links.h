#pragma once
// The links whose queues have a discipline other than drop-tail. Their packets wait here until it is decided when they
// leave. The world offers each packet that reaches such a link, and lets it serve the next one when its wire is free.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/network/link.h"
#include "sim/network/link_observer.h"
#include "sim/queues/managed_queue.h"

namespace peerbed::sim {

class ManagedLinks {
 public:
  explicit ManagedLinks(std::uint64_t key) noexcept : key_(key) {}

  // The limit has a discipline. What is queued stays.
  void set(LinkIndex link, const LinkLimit& limit);

  struct Served {
    QueuedPacket packet;
    Time through;  // its last bit has been sent
  };
  // What happened at a link.
  struct Turn {
    LinkIndex link = no_link;
    std::optional<Served> served;
    std::optional<Time> next;  // when take_turn() is to be called
  };
  // A packet reaches a link. Those that are dropped for it are appended.
  Turn offer(LinkIndex link, const QueuedPacket& packet, Time now, std::vector<QueuedPacket>& dropped);
  // The time of this event has come: the wire is free. Packets that are dropped now are appended.
  Turn take_turn(const Event& turn, std::vector<QueuedPacket>& dropped);

  // For observers.
  const LinkLimit& limit(LinkIndex link) const { return entry_of(link).wire.limit(); }
  QueueTurn shown(const Turn& turn, std::uint32_t packets, std::size_t dropped, Time now) const;

  // The event of a link's turn.
  Event turn_of(LinkIndex link, Time at) const;

  std::size_t memory() const noexcept;
  template <class Visit>
  void for_each_packet(Visit&& visit) const {
    for (const Entry& entry : links_) entry.queue.for_each(visit);
  }

 private:
  struct Entry {
    LinkIndex index;
    Link wire;
    ManagedQueue queue;
    bool awaits_turn = false;
    std::uint64_t on_wire = 0;  // bytes of the packet that is being sent
    Time free_at;
  };
  Turn serve(Entry& entry, Time now, std::vector<QueuedPacket>& dropped);
  Entry& entry_of(LinkIndex link) { return links_[numbers_.at(link)]; }
  const Entry& entry_of(LinkIndex link) const { return links_[numbers_.at(link)]; }

  std::uint64_t key_;
  std::map<LinkIndex, std::uint32_t> numbers_;
  std::vector<Entry> links_;
};

}  // namespace peerbed::sim
