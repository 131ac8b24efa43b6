#pragma once
// The messages of SWIM: ping, ping_request, and their answers; a request for a page of a member list and the page; and
// news that belong to none of these. All carry updates. Kinds begin at 60, after those of the other protocols.

#include <tuple>

#include "protocols/environment/message_list.h"
#include "protocols/swim/options.h"
#include "protocols/swim/wire.h"

namespace peerbed::swim {

enum class Standing : std::uint8_t { alive, suspect, dead, last = dead };

// What somebody says of a member. The member alone counts its incarnations up, to object to what is said of an earlier
// one.
struct Update {
  Address member{};
  std::uint32_t incarnation = 0;
  Standing standing{};
  Address accuser{};  // who suspects it or declared it dead, itself if it leaves; nowhere if it is alive
  static constexpr auto members =
      std::tuple(&Update::member, &Update::incarnation, &Update::standing, &Update::accuser);
  friend bool operator==(const Update&, const Update&) = default;
  auto fields() const { return std::tie(member, incarnation, standing, accuser); }

  // A sender may have written anything.
  bool is_valid() const noexcept { return member && (standing == Standing::alive) == !accuser; }
};

using Updates = BoundedList<Update, maximum_updates>;

struct Ping {
  static constexpr MessageKind kind{60, "ping"};
  std::uint32_t number = 0;  // drawn by the asker; the answer repeats it
  Updates updates{};
  static constexpr auto members = std::tuple(&Ping::number, &Ping::updates);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Ping&, const Ping&) = default;
};

struct Ack {
  static constexpr MessageKind kind{61, "ack"};
  std::uint32_t number = 0;
  Updates updates{};
  static constexpr auto members = std::tuple(&Ack::number, &Ack::updates);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Ack&, const Ack&) = default;
};

// Ping the target for me. Answered by Ack when that answers, and by Nack if it does not in time.
struct PingRequest {
  static constexpr MessageKind kind{62, "ping_request"};
  std::uint32_t number = 0;
  Address target{};
  Updates updates{};
  static constexpr auto members = std::tuple(&PingRequest::number, &PingRequest::target, &PingRequest::updates);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const PingRequest&, const PingRequest&) = default;
};

struct Nack {
  static constexpr MessageKind kind{63, "nack"};
  std::uint32_t number = 0;
  Updates updates{};
  static constexpr auto members = std::tuple(&Nack::number, &Nack::updates);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Nack&, const Nack&) = default;
};

// Which members do you list, after this address?
struct ListRequest {
  static constexpr MessageKind kind{64, "list_request"};
  std::uint32_t number = 0;
  Address after{};           // nowhere: from the first
  std::uint64_t digest = 0;  // of the asker's list; if it is the receiver's as well, the page is empty
  Updates updates{};
  static constexpr auto members =
      std::tuple(&ListRequest::number, &ListRequest::after, &ListRequest::digest, &ListRequest::updates);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const ListRequest&, const ListRequest&) = default;
};

// A page of the list in the order of addresses; the last one is not full. The dead are not on it.
struct ListPage {
  static constexpr MessageKind kind{65, "list_page"};
  std::uint32_t number = 0;
  Updates updates{};
  static constexpr auto members = std::tuple(&ListPage::number, &ListPage::updates);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const ListPage&, const ListPage&) = default;
};

struct News {
  static constexpr MessageKind kind{66, "news"};
  Updates updates{};
  static constexpr auto members = std::tuple(&News::updates);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const News&, const News&) = default;
};

using Messages = MessageList<Ping, Ack, PingRequest, Nack, ListRequest, ListPage, News>;
using Message = Messages::Any;

// The message that `payload` holds; nothing when it is none of ours, malformed or damaged.
std::optional<Message> decode(Bytes payload) noexcept;

}  // namespace peerbed::swim
