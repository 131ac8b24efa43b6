#pragma once
// Controlled Delay (RFC 8289): a queue in which packets have waited for longer than `target` throughout an `interval`
// drops packets as they leave, at intervals that shrink with the square root of their number, until the wait is short.

#include <optional>
#include <vector>

#include "sim/queues/discipline.h"
#include "sim/queues/packet_store.h"

namespace peerbed::sim {

class Codel {
 public:
  // The next packet of the list to send, if any. Those that are dropped before it are appended.
  std::optional<QueuedPacket> take(PacketStore& store, PacketList& list, Time now, const QueueDiscipline& options,
                                   std::vector<QueuedPacket>& dropped);

  std::uint32_t count() const noexcept { return count_; }  // drops since it began to drop

 private:
  struct Head {
    std::optional<QueuedPacket> packet;
    bool may_drop = false;
  };
  Head next(PacketStore& store, PacketList& list, Time now, const QueueDiscipline& options);
  Time after(Time time, const QueueDiscipline& options) const;

  std::optional<Time> first_above_;  // when drops may begin, while packets wait too long
  Time drop_next_;
  std::uint32_t count_ = 0;
  std::uint32_t last_count_ = 0;  // when it last began to drop
  bool drops_ = false;
};

}  // namespace peerbed::sim
