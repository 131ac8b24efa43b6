#pragma once
// The messages of the coursework: plain structs that encode themselves, and decode(), a pure function from bytes to one
// of them. docs/coursework.md gives the layout of each. All except pings are repeated until Delivered confirms them.
// Byte views in a decoded message live as long as the datagram.

#include <optional>
#include <tuple>

#include "protocols/coursework/options.h"
#include "protocols/coursework/wire.h"
#include "protocols/environment/message_list.h"
#include "protocols/ring/base/contact.h"

namespace peerbed::coursework {

using ring::Contact;
using ring::Key;

// The most bytes of a file in one chunk.
constexpr std::size_t maximum_chunk_size = 1024;
// The most bytes of a file that is asked for.
constexpr std::size_t maximum_file_size = 1 << 20;

struct SuccessorPing {
  static constexpr MessageKind kind{23, "successor_ping"};
  std::uint32_t id = 0;
  Key self{};
  bool second = false;  // the receiver is the second successor of the sender, not the first
  static constexpr auto members = std::tuple(&SuccessorPing::id, &SuccessorPing::self, &SuccessorPing::second);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const SuccessorPing&, const SuccessorPing&) = default;
};

struct SuccessorPong {
  static constexpr MessageKind kind{24, "successor_pong"};
  std::uint32_t id = 0;
  Key self{};
  static constexpr auto members = std::tuple(&SuccessorPong::id, &SuccessorPong::self);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const SuccessorPong&, const SuccessorPong&) = default;
};

struct Delivered {
  static constexpr MessageKind kind{25, "delivered"};
  std::uint32_t id = 0;
  static constexpr auto members = std::tuple(&Delivered::id);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Delivered&, const Delivered&) = default;
};

// Forwarded along the ring to the peer that is to precede the joiner.
struct JoinRequest {
  static constexpr MessageKind kind{26, "join_request"};
  std::uint32_t id = 0;
  Contact joiner{};
  static constexpr auto members = std::tuple(&JoinRequest::id, &JoinRequest::joiner);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const JoinRequest&, const JoinRequest&) = default;
};

struct JoinAnswer {
  static constexpr MessageKind kind{27, "join_answer"};
  std::uint32_t id = 0;
  bool accepted = false;
  Contact first{};
  Contact second{};
  static constexpr auto members =
      std::tuple(&JoinAnswer::id, &JoinAnswer::accepted, &JoinAnswer::first, &JoinAnswer::second);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const JoinAnswer&, const JoinAnswer&) = default;
};

// To the predecessor of a peer that has taken a joiner in.
struct SuccessorChange {
  static constexpr MessageKind kind{28, "successor_change"};
  std::uint32_t id = 0;
  Contact first{};
  Contact second{};
  static constexpr auto members = std::tuple(&SuccessorChange::id, &SuccessorChange::first, &SuccessorChange::second);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const SuccessorChange&, const SuccessorChange&) = default;
};

// The leaver and its two successors.
struct Departure {
  static constexpr MessageKind kind{29, "departure"};
  std::uint32_t id = 0;
  Key leaver{};
  Contact first{};
  Contact second{};
  static constexpr auto members = std::tuple(&Departure::id, &Departure::leaver, &Departure::first, &Departure::second);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Departure&, const Departure&) = default;
};

struct SuccessorsQuery {
  static constexpr MessageKind kind{30, "successors_query"};
  std::uint32_t id = 0;
  static constexpr auto members = std::tuple(&SuccessorsQuery::id);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const SuccessorsQuery&, const SuccessorsQuery&) = default;
};

struct Successors {
  static constexpr MessageKind kind{31, "successors"};
  std::uint32_t id = 0;
  std::uint32_t query = 0;  // the id of the question
  Key self{};
  Contact first{};
  Contact second{};
  static constexpr auto members =
      std::tuple(&Successors::id, &Successors::query, &Successors::self, &Successors::first, &Successors::second);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Successors&, const Successors&) = default;
};

struct StoreRequest {
  static constexpr MessageKind kind{32, "store_request"};
  std::uint32_t id = 0;
  std::uint16_t file = 0;  // 0..9999
  bool at_owner = false;   // the receiver is the first peer after the key
  ByteView bytes{};        // at most maximum_text_size
  static constexpr auto members =
      std::tuple(&StoreRequest::id, &StoreRequest::file, &StoreRequest::at_owner, &StoreRequest::bytes);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const StoreRequest&, const StoreRequest&) = default;
};

struct FileRequest {
  static constexpr MessageKind kind{33, "file_request"};
  std::uint32_t id = 0;
  std::uint16_t file = 0;  // 0..9999
  bool at_owner = false;   // the receiver is the first peer after the key
  Contact asker{};
  static constexpr auto members =
      std::tuple(&FileRequest::id, &FileRequest::file, &FileRequest::at_owner, &FileRequest::asker);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const FileRequest&, const FileRequest&) = default;
};

// From the owner to the asker, before the first chunk.
struct FileAnswer {
  static constexpr MessageKind kind{34, "file_answer"};
  std::uint32_t id = 0;
  std::uint16_t file = 0;  // 0..9999
  Contact owner{};
  bool here = false;
  std::uint32_t size = 0;  // bytes
  static constexpr auto members =
      std::tuple(&FileAnswer::id, &FileAnswer::file, &FileAnswer::owner, &FileAnswer::here, &FileAnswer::size);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const FileAnswer&, const FileAnswer&) = default;
};

struct FileChunk {
  static constexpr MessageKind kind{35, "file_chunk"};
  std::uint32_t id = 0;
  std::uint16_t file = 0;  // 0..9999
  std::uint32_t offset = 0;
  ByteView bytes{};  // at most maximum_chunk_size
  static constexpr auto members = std::tuple(&FileChunk::id, &FileChunk::file, &FileChunk::offset, &FileChunk::bytes);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const FileChunk&, const FileChunk&) = default;
};

// Their kinds go on where those of the ring end, so that neither takes the other's messages for its own.
using Messages = MessageList<SuccessorPing, SuccessorPong, Delivered, JoinRequest, JoinAnswer, SuccessorChange,
                             Departure, SuccessorsQuery, Successors, StoreRequest, FileRequest, FileAnswer, FileChunk>;
using Message = Messages::Any;

// The message that `payload` holds; nothing when it is none of ours, malformed or damaged.
std::optional<Message> decode(Bytes payload) noexcept;

// Whether every key in a message has the 8 bits of a peer's number; in a liar's it may have more.
template <class Message>
bool has_peers_only(const Message& message) noexcept {
  const auto fits = []<class Member>(const Member& member) {
    if constexpr (std::is_same_v<Member, Key>) return peer_space.contains(member);
    if constexpr (std::is_same_v<Member, Contact>) return peer_space.contains(member.key);
    return true;
  };
  return std::apply([&](const auto... member) { return (fits(message.*member) && ...); }, Message::members);
}

}  // namespace peerbed::coursework
