#pragma once
// Messages that maintain the ring: the exchanges of Zave 2017, and the graceful leave.

#include <tuple>

#include "protocols/environment/message_list.h"
#include "protocols/ring/wire/routing_messages.h"
#include "protocols/ring/wire/wire.h"

namespace peerbed::ring {

struct NeighboursQuery {
  static constexpr MessageKind kind{7, "neighbours_query"};
  std::uint32_t id = 0;
  static constexpr auto members = std::tuple(&NeighboursQuery::id);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const NeighboursQuery&, const NeighboursQuery&) = default;
};

struct Neighbours {
  static constexpr MessageKind kind{8, "neighbours"};
  std::uint32_t id = 0;
  Key self;             // the sender's: another node may have taken over its address
  Contact predecessor;  // nobody when unknown
  ContactList successors{};
  std::uint32_t incarnation = 0;  // the sender's process
  // Those of its successors, in their order, as far as the sender knows; none when all are 0.
  BoundedList<std::uint32_t, maximum_successors> incarnations{};
  static constexpr auto members =
      std::tuple(&Neighbours::id, &Neighbours::self, &Neighbours::predecessor, &Neighbours::successors,
                 &Neighbours::incarnation, &Neighbours::incarnations);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Neighbours&, const Neighbours&) = default;
};

// The sender takes the receiver for its first successor.
struct Notify {
  static constexpr MessageKind kind{9, "notify"};
  Key self;
  static constexpr auto members = std::tuple(&Notify::self);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Notify&, const Notify&) = default;
};

struct Ping {
  static constexpr MessageKind kind{10, "ping"};
  std::uint32_t id = 0;
  static constexpr auto members = std::tuple(&Ping::id);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Ping&, const Ping&) = default;
};

struct Pong {
  static constexpr MessageKind kind{11, "pong"};
  std::uint32_t id = 0;
  Key self;
  static constexpr auto members = std::tuple(&Pong::id, &Pong::self);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Pong&, const Pong&) = default;
};

// The sender leaves gracefully: its neighbours need not wait for its silence.
struct Leaving {
  static constexpr MessageKind kind{12, "leaving"};
  Key self;
  static constexpr auto members = std::tuple(&Leaving::self);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Leaving&, const Leaving&) = default;
};

}  // namespace peerbed::ring
