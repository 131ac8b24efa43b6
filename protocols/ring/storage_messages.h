#pragma once
// Messages that put, get, replicate and move values.

#include <tuple>

#include "protocols/ring/message_kind.h"
#include "protocols/ring/options.h"
#include "protocols/ring/wire.h"

namespace peerbed::ring {

// The most keys in one offer.
constexpr std::size_t maximum_offered = 48;

// What tells two states of a value apart; the greater stamp is the newer one.
struct ValueStamp {
  std::uint64_t version = 0;   // from 1, counted by the owners
  std::uint64_t checksum = 0;  // of key, version and bytes
  static constexpr auto members = std::tuple(&ValueStamp::version, &ValueStamp::checksum);
  friend constexpr auto operator<=>(const ValueStamp&, const ValueStamp&) = default;
  auto fields() const { return std::tie(version, checksum); }
};

// To the owner: keep this, and answer when all holders have it.
struct Put {
  static constexpr Kind kind = Kind::put;
  std::uint32_t id = 0;
  Key key;
  ByteView bytes{};  // at most maximum_value_size
  static constexpr auto members = std::tuple(&Put::id, &Put::key, &Put::bytes);
  void encode(Writer& writer) const noexcept { wire::encode(*this, writer); }
  friend bool operator==(const Put&, const Put&) = default;
};

struct PutDone {
  static constexpr Kind kind = Kind::put_done;
  enum class Outcome : std::uint8_t { stored, not_owner, refused, last = refused };
  std::uint32_t id = 0;
  Outcome outcome{};
  ValueStamp stamp{};
  static constexpr auto members = std::tuple(&PutDone::id, &PutDone::outcome, &PutDone::stamp);
  void encode(Writer& writer) const noexcept { wire::encode(*this, writer); }
  friend bool operator==(const PutDone&, const PutDone&) = default;
};

struct Get {
  static constexpr Kind kind = Kind::get;
  std::uint32_t id = 0;
  Key key;
  static constexpr auto members = std::tuple(&Get::id, &Get::key);
  void encode(Writer& writer) const noexcept { wire::encode(*this, writer); }
  friend bool operator==(const Get&, const Get&) = default;
};

// The answer to Get, from any holder.
struct Value {
  static constexpr Kind kind = Kind::value;
  std::uint32_t id = 0;
  bool here = false;
  ValueStamp stamp{};
  ByteView bytes{};
  static constexpr auto members = std::tuple(&Value::id, &Value::here, &Value::stamp, &Value::bytes);
  void encode(Writer& writer) const noexcept { wire::encode(*this, writer); }
  friend bool operator==(const Value&, const Value&) = default;
};

// Hold this copy.
struct Replicate {
  static constexpr Kind kind = Kind::replicate;
  Key key;
  ValueStamp stamp{};
  ByteView bytes{};
  static constexpr auto members = std::tuple(&Replicate::key, &Replicate::stamp, &Replicate::bytes);
  void encode(Writer& writer) const noexcept { wire::encode(*this, writer); }
  friend bool operator==(const Replicate&, const Replicate&) = default;
};

struct Replicated {
  static constexpr Kind kind = Kind::replicated;
  Key key;
  ValueStamp stamp{};  // what the sender holds now; version 0: nothing
  static constexpr auto members = std::tuple(&Replicated::key, &Replicated::stamp);
  void encode(Writer& writer) const noexcept { wire::encode(*this, writer); }
  friend bool operator==(const Replicated&, const Replicated&) = default;
};

struct Offered {
  Key key;
  ValueStamp stamp{};
  static constexpr auto members = std::tuple(&Offered::key, &Offered::stamp);
  friend bool operator==(const Offered&, const Offered&) = default;
  auto fields() const { return std::tie(key, stamp); }
};

// The sender has these values.
struct Offer {
  static constexpr Kind kind = Kind::offer;
  enum class Purpose : std::uint8_t {
    confirm,    // the sender owns them and wants the receiver to hold copies
    surrender,  // the sender thinks that the receiver owns them, and would rather not hold them
    leave,      // the sender is about to leave: whoever lacks them should have them
    last = leave
  };
  using List = BoundedList<Offered, maximum_offered>;
  Purpose purpose{};
  List offered{};
  static constexpr auto members = std::tuple(&Offer::purpose, &Offer::offered);
  void encode(Writer& writer) const noexcept { wire::encode(*this, writer); }
  friend bool operator==(const Offer&, const Offer&) = default;
};

struct Verdict {
  enum class Want : std::uint8_t {
    send,      // I lack it, or hold an older one
    held,      // I hold it
    settled,   // I own it, and all its holders have it
    not_mine,  // I do not own it
    last = not_mine
  };
  Key key;
  Want want{};
  static constexpr auto members = std::tuple(&Verdict::key, &Verdict::want);
  friend bool operator==(const Verdict&, const Verdict&) = default;
  auto fields() const { return std::tie(key, want); }
};

struct OfferAnswer {
  static constexpr Kind kind = Kind::offer_answer;
  using List = BoundedList<Verdict, maximum_offered>;
  List verdicts{};
  static constexpr auto members = std::tuple(&OfferAnswer::verdicts);
  void encode(Writer& writer) const noexcept { wire::encode(*this, writer); }
  friend bool operator==(const OfferAnswer&, const OfferAnswer&) = default;
};

}  // namespace peerbed::ring
