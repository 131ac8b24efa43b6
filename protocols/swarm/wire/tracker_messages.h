#pragma once
// Messages between peers and trackers. The list of peers has a version that counts its changes. A push names the
// version it starts from, so a peer sees at once when it missed one. An epoch identifies one process of a tracker.

#include <tuple>

#include "protocols/environment/message_list.h"
#include "protocols/swarm/wire/wire.h"

namespace peerbed::swarm {

// Of IPv4 addresses; fewer of IPv6 ones fit a datagram.
constexpr std::size_t peers_per_page = 200;
constexpr std::size_t changes_per_push = 178;

// A state of the list.
struct ListVersion {
  std::uint64_t epoch = 0;    // 0: of no tracker
  std::uint64_t changes = 0;  // since the epoch began
  static constexpr auto members = std::tuple(&ListVersion::epoch, &ListVersion::changes);
  friend bool operator==(const ListVersion&, const ListVersion&) = default;
  auto fields() const { return std::tie(epoch, changes); }
};

// To a tracker: list me. The first page of the list answers it.
struct Enrol {
  static constexpr MessageKind kind{1, "enrol"};
  static constexpr std::tuple<> members{};
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Enrol&, const Enrol&) = default;
};

// To a peer: do you live? And this is how far the pushes are.
struct Heartbeat {
  static constexpr MessageKind kind{2, "heartbeat"};
  ListVersion version{};
  std::uint32_t number = 0;
  static constexpr auto members = std::tuple(&Heartbeat::version, &Heartbeat::number);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

struct Alive {
  static constexpr MessageKind kind{3, "alive"};
  std::uint64_t epoch = 0;  // of the heartbeat, as the number is
  std::uint32_t number = 0;
  static constexpr auto members = std::tuple(&Alive::epoch, &Alive::number);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Alive&, const Alive&) = default;
};

struct Leaving {
  static constexpr MessageKind kind{4, "leaving"};
  static constexpr std::tuple<> members{};
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Leaving&, const Leaving&) = default;
};

// To a tracker: the changes since `held`; or, when `after` is an address, the page that follows it.
struct ListQuery {
  static constexpr MessageKind kind{5, "list_query"};
  ListVersion held{};
  Address after{};
  static constexpr auto members = std::tuple(&ListQuery::held, &ListQuery::after);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const ListQuery&, const ListQuery&) = default;
};

// The listed peers after an address, in the order of addresses.
struct ListPage {
  static constexpr MessageKind kind{6, "list_page"};
  using List = BoundedList<Address, peers_per_page>;
  ListVersion version{};
  Address after{};  // nowhere: from the first
  bool last = false;
  List peers{};
  // Bytes for the peers.
  static constexpr std::size_t room =
      maximum_datagram_size - header_size - 18 - maximum_address_size - codec::check_size;
  static constexpr auto members = std::tuple(&ListPage::version, &ListPage::after, &ListPage::last, &ListPage::peers);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const ListPage&, const ListPage&) = default;
};

struct ListChange {
  Address peer{};
  bool listed = false;
  static constexpr auto members = std::tuple(&ListChange::peer, &ListChange::listed);
  std::size_t size_on_wire() const noexcept { return encoded_size(peer) + 1; }
  friend bool operator==(const ListChange&, const ListChange&) = default;
  auto fields() const { return std::tie(peer, listed); }
};

// What happened to the list after `from`, in order.
struct ListChanges {
  static constexpr MessageKind kind{7, "list_changes"};
  using List = BoundedList<ListChange, changes_per_push>;
  ListVersion from{};
  List changes{};
  // Bytes for the changes.
  static constexpr std::size_t room = maximum_datagram_size - header_size - 17 - codec::check_size;
  static constexpr auto members = std::tuple(&ListChanges::from, &ListChanges::changes);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const ListChanges&, const ListChanges&) = default;
};

}  // namespace peerbed::swarm
