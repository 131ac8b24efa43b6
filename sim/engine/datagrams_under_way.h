#pragma once
// The datagrams between their sender and their receiver. Each is one event, which goes from link to link until it
// reaches its host as EventKind::datagram. The world queues these events and releases each datagram in the end.

#include <cstddef>
#include <cstdint>

#include "sim/core/event.h"
#include "sim/core/payload_pool.h"
#include "sim/core/pool.h"
#include "sim/network/network.h"

namespace peerbed::sim {

// Who sent a datagram, and where to, as gateways have it. In networks without gateways no datagram has one.
struct Envelope {
  Address from;
  Address to;
};

class DatagramsUnderWay {
 public:
  // Keeps a datagram as the network delivers this copy of it. Returns what its event stands for (Event::what).
  std::uint32_t add(Bytes payload, const Transit::Copy& copy, bool has_downlink) {
    const PayloadPool::Handle kept = copy.corruption == 0 ? payloads_.store(payload) : store_damaged(payload, copy);
    if (copy.link != no_link) [[unlikely]]
      return send_to_link(kept, copy);
    return Event::pack(has_downlink ? EventKind::arrival : EventKind::datagram, kept);
  }
  // The same with its envelope: from the first one on, every datagram has one.
  std::uint32_t add(Bytes payload, const Transit::Copy& copy, bool has_downlink, const Envelope& envelope);
  Envelope envelope(const Event& event) const noexcept;
  // Keeps one that was kept elsewhere. `kind` is arrival or datagram, and none of them has an envelope.
  std::uint32_t take_over(Bytes payload, EventKind kind) { return Event::pack(kind, payloads_.store(payload)); }
  bool has_envelopes() const noexcept { return envelope_size_ > 0; }
  // The datagram reaches the link that its event names: one of the backbone, or its host's down-link. Sets the event to
  // when the datagram reaches the next link or the host. The event keeps its sequence number: it is the same datagram.
  // Returns why the datagram was dropped and released, if it was.
  DropCause cross_link(Event& event, Network& network);
  DropCause pass_down_link(Event& event, Network& network);

  // As it waits in a managed queue, whose link its event names.
  QueuedPacket queued(const Event& event, const Network& network) const;
  // It has left that link, and reaches the next one at `at`, or its host if that is no_link. Returns its event of that.
  Event leave_link(Event event, LinkIndex next, Time at, const Network& network);
  void drop_at_link(const Event& event);

  // The bytes of a datagram, wherever it is. Valid until it is released.
  Bytes view(const Event& event) const noexcept {
    const bool is_at_link = event.kind() == EventKind::datagram_at_link;
    return view(is_at_link ? at_links_[event.value()].payload : event.value());
  }
  // The link that a datagram at a link is to cross.
  LinkIndex link(const Event& event) const noexcept { return at_links_[event.value()].link; }
  // Forgets a datagram that is past the backbone.
  void release(const Event& event) noexcept { payloads_.release(event.value()); }
  void prefetch(const Event& event) const noexcept { payloads_.prefetch(event.value()); }

  std::size_t bytes() const noexcept { return payloads_.bytes() + at_links_.bytes(); }  // memory taken by the tables

 private:
  // A datagram on its way to a link.
  struct AtLink {
    PayloadPool::Handle payload = 0;
    LinkIndex link = no_link;
    Duration onward{};  // Transit::Copy::onward
  };
  static_assert(PayloadPool::handle_bits <= Event::value_bits);

  Bytes view(PayloadPool::Handle payload) const noexcept { return payloads_.view(payload).subspan(envelope_size_); }
  PayloadPool::Handle store_damaged(Bytes payload, const Transit::Copy& copy);
  std::uint32_t send_to_link(PayloadPool::Handle payload, const Transit::Copy& copy);

  PayloadPool payloads_;  // each datagram behind its envelope
  std::size_t envelope_size_ = 0;
  Pool<AtLink> at_links_;
};

}  // namespace peerbed::sim
