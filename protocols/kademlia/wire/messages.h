#pragma once
// The messages of Kademlia: ping, find_node, find_value and store with their answers. Each names its sender, so that
// nodes learn of each other from all that they say. Kinds begin at 40, after those of the ring and the coursework.
// Answers carry a token, with which the asker may store a value at the sender for a while (BEP 5).

#include <tuple>

#include "protocols/environment/message_list.h"
#include "protocols/kademlia/base/contact.h"
#include "protocols/kademlia/base/options.h"
#include "protocols/kademlia/wire/wire.h"

namespace peerbed::kademlia {

using ContactList = BoundedList<Contact, maximum_bucket_size>;

// What orders the values of a key. The publisher draws it from its clock, or goes above what holders have; the
// operation tells two values of the same instant apart.
struct Stamp {
  std::uint64_t time = 0;  // nanoseconds of the publisher's clock, or more; 0: there is no value
  std::uint64_t operation = 0;
  static constexpr auto members = std::tuple(&Stamp::time, &Stamp::operation);
  friend constexpr auto operator<=>(const Stamp&, const Stamp&) = default;
  auto fields() const { return std::tie(time, operation); }
};

// A value on its way.
struct Copy {
  Stamp stamp{};
  std::uint64_t lifetime = 0;  // nanoseconds that are left of it
  ByteView bytes{};            // at most maximum_value_size
  static constexpr auto members = std::tuple(&Copy::stamp, &Copy::lifetime, &Copy::bytes);
  friend bool operator==(const Copy&, const Copy&) = default;

  // A sender may have written anything.
  bool is_valid() const noexcept {
    return stamp.time > 0 && lifetime > 0 && lifetime <= INT64_MAX && bytes.bytes.size() <= maximum_value_size;
  }
};

struct Ping {
  static constexpr MessageKind kind{40, "ping"};
  std::uint32_t id = 0;  // drawn by the asker; the answer repeats it
  Id self{};             // the sender's
  static constexpr auto members = std::tuple(&Ping::id, &Ping::self);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Ping&, const Ping&) = default;
};

struct Pong {
  static constexpr MessageKind kind{41, "pong"};
  std::uint32_t id = 0;
  Id self{};
  std::uint64_t token = 0;
  static constexpr auto members = std::tuple(&Pong::id, &Pong::self, &Pong::token);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Pong&, const Pong&) = default;
};

// Whom do you know that is closest to the target?
struct FindNode {
  static constexpr MessageKind kind{42, "find_node"};
  std::uint32_t id = 0;
  Id self{};
  Id target{};
  static constexpr auto members = std::tuple(&FindNode::id, &FindNode::self, &FindNode::target);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const FindNode&, const FindNode&) = default;
};

// The closest contacts that the sender knows, closest first, itself not among them.
struct Nodes {
  static constexpr MessageKind kind{43, "nodes"};
  std::uint32_t id = 0;
  Id self{};
  std::uint64_t token = 0;
  ContactList contacts{};
  static constexpr auto members = std::tuple(&Nodes::id, &Nodes::self, &Nodes::token, &Nodes::contacts);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Nodes&, const Nodes&) = default;
};

// Have you a value with this key, or else, whom do you know that is closest to it? Answered by Value or Nodes.
struct FindValue {
  static constexpr MessageKind kind{44, "find_value"};
  std::uint32_t id = 0;
  Id self{};
  Id key{};
  static constexpr auto members = std::tuple(&FindValue::id, &FindValue::self, &FindValue::key);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const FindValue&, const FindValue&) = default;
};

struct Value {
  static constexpr MessageKind kind{45, "value"};
  std::uint32_t id = 0;
  Id self{};
  Copy copy{};
  static constexpr auto members = std::tuple(&Value::id, &Value::self, &Value::copy);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Value&, const Value&) = default;
};

// Hold this value.
struct StoreValue {
  static constexpr MessageKind kind{46, "store"};
  std::uint32_t id = 0;
  Id self{};
  std::uint64_t token = 0;  // that the receiver gave to this address
  Id key{};
  Copy copy{};
  static constexpr auto members =
      std::tuple(&StoreValue::id, &StoreValue::self, &StoreValue::token, &StoreValue::key, &StoreValue::copy);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const StoreValue&, const StoreValue&) = default;
};

struct Stored {
  static constexpr MessageKind kind{47, "stored"};
  enum class Outcome : std::uint8_t {
    stored,
    outdated,   // a newer value is here
    refused,    // the receiver holds as many values as it may, or the value is none
    bad_token,  // or one that is too old
    last = bad_token
  };
  std::uint32_t id = 0;
  Id self{};
  Outcome outcome{};
  Stamp stamp{};  // of what is here now
  static constexpr auto members = std::tuple(&Stored::id, &Stored::self, &Stored::outcome, &Stored::stamp);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Stored&, const Stored&) = default;
};

using Messages = MessageList<Ping, Pong, FindNode, Nodes, FindValue, Value, StoreValue, Stored>;
using Message = Messages::Any;

// The message that `payload` holds; nothing when it is none of ours, malformed or damaged.
std::optional<Message> decode(Bytes payload) noexcept;

}  // namespace peerbed::kademlia
