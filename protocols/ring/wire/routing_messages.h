#pragma once
// Messages that find the owner of a key, by recursive or iterative lookup.

#include <tuple>

#include "protocols/environment/message_list.h"
#include "protocols/ring/base/options.h"
#include "protocols/ring/wire/wire.h"

namespace peerbed::ring {

using ContactList = BoundedList<Contact, maximum_successors>;

// Who owns `key`? Forwarded from hop to hop; the answer goes to the asker.
struct Find {
  static constexpr MessageKind kind{1, "find"};
  enum class Purpose : std::uint8_t {
    lookup,
    holders,  // and who holds its values: the owner answers
    join,
    copies,        // who holds its values: any node that knows answers
    introduction,  // of a node at that key, the asker: the member that is to precede it asks it in its turn
    last = introduction
  };

  std::uint32_t id = 0;     // of the lookup, chosen by the asker
  std::uint32_t token = 0;  // of this hop: hop_taken confirms it; 0 asks for no confirmation
  Key key;
  Address asker;
  Purpose purpose{};
  bool at_owner = false;  // the sender takes the receiver for the owner
  std::uint8_t hops = 0;
  std::uint8_t timeouts = 0;
  static constexpr auto members = std::tuple(&Find::id, &Find::token, &Find::key, &Find::asker, &Find::purpose,
                                             &Find::at_owner, &Find::hops, &Find::timeouts);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Find&, const Find&) = default;
  auto fields() const { return std::tie(id, token, key, asker, purpose, at_owner, hops, timeouts); }
};

// The owner of the key, followed by the next holders of its values when these were asked for.
struct Found {
  static constexpr MessageKind kind{2, "found"};
  std::uint32_t id = 0;
  std::uint8_t hops = 0;
  std::uint8_t timeouts = 0;
  ContactList holders{};  // at least one
  static constexpr auto members = std::tuple(&Found::id, &Found::hops, &Found::timeouts, &Found::holders);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Found&, const Found&) = default;
};
static_assert(maximum_replicas <= ContactList::limit, "all holders of a value fit into one answer");

// The receiver of a Find has it in its care.
struct HopTaken {
  static constexpr MessageKind kind{3, "hop_taken"};
  std::uint32_t token = 0;
  static constexpr auto members = std::tuple(&HopTaken::token);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const HopTaken&, const HopTaken&) = default;
};

// An iterative asker wants to be shown the way.
struct NextHopQuery {
  static constexpr MessageKind kind{4, "next_hop_query"};
  std::uint32_t id = 0;
  Key key;
  bool at_owner = false;
  static constexpr auto members = std::tuple(&NextHopQuery::id, &NextHopQuery::key, &NextHopQuery::at_owner);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const NextHopQuery&, const NextHopQuery&) = default;
};

// The way as the sender knows it: contacts that precede the key, the closest first, then those that may own it, nearest
// first. From the owner: the holders after it. From one that was taken for the owner: its predecessor, which is.
struct NextHops {
  static constexpr MessageKind kind{5, "next_hops"};
  std::uint32_t id = 0;
  Key self;               // the sender's
  bool at_owner = false;  // the sender owns the key
  ContactList contacts{};
  static constexpr auto members = std::tuple(&NextHops::id, &NextHops::self, &NextHops::at_owner, &NextHops::contacts);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const NextHops&, const NextHops&) = default;
};

// To one that joins: its place is after `member`, whose successors these are.
struct Welcome {
  static constexpr MessageKind kind{6, "welcome"};
  std::uint32_t id = 0;
  bool taken = false;  // somebody else is at this key: no entry
  Contact member;
  ContactList successors{};
  static constexpr auto members = std::tuple(&Welcome::id, &Welcome::taken, &Welcome::member, &Welcome::successors);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

}  // namespace peerbed::ring
