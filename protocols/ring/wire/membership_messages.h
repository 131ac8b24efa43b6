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
  std::uint32_t incarnation = 0;  // the sender's process
  static constexpr auto members = std::tuple(&Notify::self, &Notify::incarnation);
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

// The sender leaves gracefully: its neighbours need not wait for its silence. A copy may come when another process of
// it is back.
struct Leaving {
  static constexpr MessageKind kind{12, "leaving"};
  Key self;
  std::uint32_t incarnation = 0;  // the process that leaves
  static constexpr auto members = std::tuple(&Leaving::self, &Leaving::incarnation);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Leaving&, const Leaving&) = default;
};

// The kinds from 23 to 35 are of the coursework.

// Have another member call me: from a node that finds out whether others can reach it.
struct CallBackQuery {
  static constexpr MessageKind kind{40, "call_back_query"};
  std::uint32_t id = 0;
  static constexpr auto members = std::tuple(&CallBackQuery::id);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const CallBackQuery&, const CallBackQuery&) = default;
};

// To that other member.
struct CallBack {
  static constexpr MessageKind kind{41, "call_back"};
  std::uint32_t id = 0;
  Address asker;  // where the sender sees it
  static constexpr auto members = std::tuple(&CallBack::id, &CallBack::asker);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const CallBack&, const CallBack&) = default;
};

// The call, and the answer of the one that was asked for it.
struct Called {
  static constexpr MessageKind kind{42, "called"};
  std::uint32_t id = 0;
  Address seen;            // where the receiver is seen from outside
  bool by_others = false;  // the sender has told another member to call, too
  static constexpr auto members = std::tuple(&Called::id, &Called::seen, &Called::by_others);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Called&, const Called&) = default;
};

}  // namespace peerbed::ring
