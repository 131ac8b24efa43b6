#include "sim/queues/codel.h"

#include "sim/random/exact_math.h"

namespace peerbed::sim {

namespace {

constexpr std::uint64_t largest_packet = 1500;

bool mark(QueuedPacket& packet, const QueueDiscipline& options) noexcept {
  return packet.is_marked = options.ecn && packet.is_markable;
}

}  // namespace

// The RFC's control law.
Time Codel::after(Time time, const QueueDiscipline& options) const {
  const double interval = static_cast<double>(options.interval.count());
  return time + Duration(static_cast<std::int64_t>(interval / exact::sqrt(count_)));
}

// The RFC's dodequeue.
Codel::Head Codel::next(PacketStore& store, PacketList& list, Time now, const QueueDiscipline& options) {
  if (list.packets == 0) {
    first_above_.reset();
    return {};
  }
  Head head{store.pop(list)};
  if (now - head.packet->queued < options.target || list.bytes <= largest_packet)
    first_above_.reset();
  else if (!first_above_)
    first_above_ = now + options.interval;
  else
    head.may_drop = now >= *first_above_;
  return head;
}

std::optional<QueuedPacket> Codel::take(PacketStore& store, PacketList& list, Time now, const QueueDiscipline& options,
                                        std::vector<QueuedPacket>& dropped) {
  Head head = next(store, list, now, options);
  if (drops_) {
    drops_ = head.may_drop;
    while (drops_ && now >= drop_next_) {
      ++count_;
      if (mark(*head.packet, options)) {
        drop_next_ = after(drop_next_, options);
        break;
      }
      dropped.push_back(*head.packet);
      head = next(store, list, now, options);
      drops_ = head.may_drop;
      if (drops_) drop_next_ = after(drop_next_, options);
    }
  } else if (head.may_drop) {
    if (!mark(*head.packet, options)) {
      dropped.push_back(*head.packet);
      head = next(store, list, now, options);
    }
    drops_ = true;
    // If it dropped a short while ago, the rate of that time is a good one to begin with.
    const std::uint32_t delta = count_ - last_count_;
    count_ = delta > 1 && now - drop_next_ < 16 * options.interval ? delta : 1;
    drop_next_ = after(now, options);
    last_count_ = count_;
  }
  return head.packet;
}

}  // namespace peerbed::sim
