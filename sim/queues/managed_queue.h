#pragma once
// A queue in front of a wire whose discipline decides when packets leave, or whether they do: RED, CoDel or FQ-CoDel.
// (With drop-tail, the fate of a packet is known when it arrives: sim/network/link.h.)

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "sim/queues/codel.h"
#include "sim/queues/discipline.h"
#include "sim/queues/packet_store.h"
#include "sim/queues/red.h"

namespace peerbed::sim {

class ManagedQueue {
 public:
  // Holds at most `capacity` bytes. The key is of its draws and hashes.
  ManagedQueue(const QueueDiscipline& options, std::uint64_t capacity, std::uint64_t key);

  bool empty() const noexcept { return store_.bytes() == 0; }
  std::uint64_t bytes() const noexcept { return store_.bytes(); }
  std::size_t memory() const noexcept { return store_.memory(); }

  // Packets that are dropped, now or to make room, are appended; `of_packet` is the time that the wire takes for one.
  // An empty queue takes one packet, however small it is.
  void put(QueuedPacket packet, Time now, Duration of_packet, std::vector<QueuedPacket>& dropped);
  // The next packet to send, if any is left.
  std::optional<QueuedPacket> take(Time now, std::vector<QueuedPacket>& dropped);

  template <class Visit>
  void for_each(Visit&& visit) const {
    store_.for_each(common_, visit);
    for (const auto& [bucket, flow] : flows_) store_.for_each(flow.list, visit);
  }

 private:
  // A queue of FQ-CoDel. It keeps its state of CoDel while it is empty.
  struct Flow {
    PacketList list;
    Codel codel;
    std::int64_t credit = 0;  // bytes
    bool is_active = false;   // and in the list of new or old flows
  };

  void put_in_flow(const QueuedPacket& packet, std::vector<QueuedPacket>& dropped);
  void drop_from_fattest(std::vector<QueuedPacket>& dropped);
  std::optional<QueuedPacket> take_from_flows(Time now, std::vector<QueuedPacket>& dropped);

  QueueDiscipline options_;
  std::uint64_t capacity_;
  std::uint64_t key_;
  PacketStore store_;
  PacketList common_;  // of RED and CoDel
  Codel codel_;
  Red red_;
  std::map<std::uint32_t, Flow> flows_;  // at most `flows` of them
  std::deque<std::uint32_t> new_flows_;
  std::deque<std::uint32_t> old_flows_;
};

}  // namespace peerbed::sim
