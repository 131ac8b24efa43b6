#include "sim/queues/managed_queue.h"

#include <algorithm>

namespace peerbed::sim {

namespace {

constexpr std::uint32_t most_dropped_at_once = 64;

QueueDiscipline with_thresholds(QueueDiscipline options, std::uint64_t capacity) {
  if (options.maximum == 0) options.maximum = std::max<std::uint64_t>(capacity / 4, 2);
  if (options.minimum == 0) options.minimum = std::max<std::uint64_t>(options.maximum / 3, 1);
  return options;
}

}  // namespace

ManagedQueue::ManagedQueue(const QueueDiscipline& options, std::uint64_t capacity, std::uint64_t key)
    : options_(with_thresholds(options, capacity)), capacity_(capacity), key_(key), red_(key) {}

void ManagedQueue::put(QueuedPacket packet, Time now, Duration of_packet, std::vector<QueuedPacket>& dropped) {
  packet.queued = now;
  if (options_.kind == Discipline::fq_codel) return put_in_flow(packet, dropped);
  bool fits = empty() || bytes() + packet.size <= capacity_;
  if (options_.kind == Discipline::red && red_.notifies(bytes(), now, of_packet, options_)) {
    packet.is_marked = options_.ecn && packet.is_markable;
    fits = fits && packet.is_marked;
  }
  if (fits)
    store_.push(common_, packet);
  else
    dropped.push_back(packet);
}

std::optional<QueuedPacket> ManagedQueue::take(Time now, std::vector<QueuedPacket>& dropped) {
  if (options_.kind == Discipline::fq_codel) return take_from_flows(now, dropped);
  if (options_.kind == Discipline::codel) return codel_.take(store_, common_, now, options_, dropped);
  if (empty()) return std::nullopt;
  const QueuedPacket packet = store_.pop(common_);
  if (empty()) red_.emptied(now);
  return packet;
}

void ManagedQueue::put_in_flow(const QueuedPacket& packet, std::vector<QueuedPacket>& dropped) {
  const auto bucket = static_cast<std::uint32_t>(to_below(key_of(key_, packet.flow), options_.flows));
  Flow& flow = flows_[bucket];
  store_.push(flow.list, packet);
  if (!flow.is_active) {
    flow.is_active = true;
    flow.credit = options_.quantum;
    new_flows_.push_back(bucket);
  }
  while (bytes() > capacity_ && bytes() > packet.size) drop_from_fattest(dropped);
}

// Half of the longest queue, but at most 64 packets (RFC 8290, section 4.1).
void ManagedQueue::drop_from_fattest(std::vector<QueuedPacket>& dropped) {
  Flow* fattest = nullptr;
  for (auto& [bucket, flow] : flows_)
    if (fattest == nullptr || flow.list.bytes > fattest->list.bytes) fattest = &flow;
  const std::uint64_t goal = fattest->list.bytes / 2;
  for (std::uint32_t i = 0; i < most_dropped_at_once && fattest->list.packets > 0; ++i) {
    dropped.push_back(store_.pop(fattest->list));
    if (fattest->list.bytes <= goal) return;
  }
}

// Deficit round robin, in which new flows come first (RFC 8290, section 4.2).
std::optional<QueuedPacket> ManagedQueue::take_from_flows(Time now, std::vector<QueuedPacket>& dropped) {
  while (!new_flows_.empty() || !old_flows_.empty()) {
    const bool is_new = !new_flows_.empty();
    std::deque<std::uint32_t>& active = is_new ? new_flows_ : old_flows_;
    const std::uint32_t bucket = active.front();
    Flow& flow = flows_.at(bucket);
    if (flow.credit <= 0) {
      flow.credit += options_.quantum;
      active.pop_front();
      old_flows_.push_back(bucket);
      continue;
    }
    const auto packet = flow.codel.take(store_, flow.list, now, options_, dropped);
    if (packet) {
      flow.credit -= packet->size;
      return packet;
    }
    active.pop_front();
    // A new flow that runs dry waits for its turn among the old ones, or it would starve them by coming back.
    if (is_new && !old_flows_.empty())
      old_flows_.push_back(bucket);
    else
      flow.is_active = false;
  }
  return std::nullopt;
}

}  // namespace peerbed::sim
