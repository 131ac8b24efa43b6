#pragma once
// Messages that put, get, replicate and move values.

#include <tuple>

#include "protocols/environment/message_list.h"
#include "protocols/ring/base/options.h"
#include "protocols/ring/wire/wire.h"

namespace peerbed::ring {

constexpr std::size_t maximum_offered = 32;   // keys in one offer, so that it and what it asks for stay small
constexpr std::size_t maximum_parts = 16;     // ranges compared by one message
constexpr std::size_t maximum_elsewhere = 8;  // further nodes that one answer to a get names

// What orders the puts of a key, whoever owns it. The asker of a put draws it from its clock, and goes above what its
// owner holds already; the operation tells two puts of the same instant apart, and a put from its copies.
struct ValueStamp {
  std::uint64_t time = 0;  // nanoseconds of the asker's clock, or more; 0: there is no value
  std::uint64_t operation = 0;
  static constexpr auto members = std::tuple(&ValueStamp::time, &ValueStamp::operation);
  friend constexpr auto operator<=>(const ValueStamp&, const ValueStamp&) = default;
  auto fields() const { return std::tie(time, operation); }
};

// A value as it was put. One that is gone stays for a while as a tombstone, without bytes, so that older copies of it
// that come late are not taken for new.
struct ValueState {
  static constexpr std::uint64_t forever = UINT64_MAX;
  static constexpr std::uint64_t discarded = 1;
  ValueStamp stamp{};
  std::uint64_t until = forever;  // it is gone from then on, by the clock of stamps; 0: it was removed, 1: discarded
  static constexpr auto members = std::tuple(&ValueState::stamp, &ValueState::until);
  friend bool operator==(const ValueState&, const ValueState&) = default;
  auto fields() const { return std::tie(stamp, until); }

  bool is_gone(std::uint64_t clock) const noexcept { return until <= clock; }
};

// A value on its way, or on a disk.
struct ValueCopy {
  ValueState state{};
  std::uint64_t checksum = 0;  // of key, state and bytes
  ByteView bytes{};            // at most maximum_value_size
  static constexpr auto members = std::tuple(&ValueCopy::state, &ValueCopy::checksum, &ValueCopy::bytes);
  friend bool operator==(const ValueCopy&, const ValueCopy&) = default;

  static ValueCopy of(Key key, const ValueState& state, Bytes bytes) noexcept {
    const std::uint64_t stamp = key_of(key.value, state.stamp.time, state.stamp.operation, state.until);
    return {.state = state, .checksum = hash_bytes(bytes, stamp), .bytes = {bytes}};
  }
  bool is_intact(Key key) const noexcept {
    return state.stamp.time > 0 && bytes.bytes.size() <= maximum_value_size &&
           checksum == of(key, state, bytes.bytes).checksum;
  }
};

// To the owner: keep this, and answer when all holders have it.
struct Put {
  static constexpr MessageKind kind{13, "put"};
  std::uint32_t id = 0;
  Key key;
  ValueCopy copy{};
  static constexpr auto members = std::tuple(&Put::id, &Put::key, &Put::copy);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Put&, const Put&) = default;
};

struct PutDone {
  static constexpr MessageKind kind{14, "put_done"};
  enum class Outcome : std::uint8_t {
    stored,
    not_owner,
    refused,
    outdated,  // another put is newer, perhaps an earlier one by a fast clock: the asker stamps this one anew
    last = outdated
  };
  std::uint32_t id = 0;
  Outcome outcome{};
  ValueStamp stamp{};  // of what was stored; outdated: of what is there
  static constexpr auto members = std::tuple(&PutDone::id, &PutDone::outcome, &PutDone::stamp);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const PutDone&, const PutDone&) = default;
};

struct Get {
  static constexpr MessageKind kind{15, "get"};
  std::uint32_t id = 0;
  Key key;
  static constexpr auto members = std::tuple(&Get::id, &Get::key);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Get&, const Get&) = default;
};

// The answer to Get, from any holder. One that is gone is here, too, as a stamp without bytes.
struct Value {
  static constexpr MessageKind kind{16, "value"};
  std::uint32_t id = 0;
  bool here = false;
  bool certain = false;  // the sender is sure that nobody knows of a newer put that was acknowledged
  ValueCopy copy{};
  BoundedList<Contact, maximum_elsewhere> elsewhere{};  // who else may have it, from an owner that has not
  static constexpr auto members =
      std::tuple(&Value::id, &Value::here, &Value::certain, &Value::copy, &Value::elsewhere);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Value&, const Value&) = default;
};

// What an owner's question to a holder is about, so that an answer counts for nothing else: its question, if it belongs
// to a comparison, and the neighbours it had then.
struct QuestionContext {
  std::uint32_t question = 0;
  std::uint32_t placement = 0;
  static constexpr auto members = std::tuple(&QuestionContext::question, &QuestionContext::placement);
  friend bool operator==(const QuestionContext&, const QuestionContext&) = default;
};

// Hold this copy.
struct Replicate {
  static constexpr MessageKind kind{17, "replicate"};
  QuestionContext context{};
  Key key;
  ValueCopy copy{};
  static constexpr auto members = std::tuple(&Replicate::context, &Replicate::key, &Replicate::copy);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Replicate&, const Replicate&) = default;
};

struct Replicated {
  static constexpr MessageKind kind{18, "replicated"};
  QuestionContext context{};
  Key key;
  ValueStamp stamp{};  // what the sender holds now; time 0: nothing
  static constexpr auto members = std::tuple(&Replicated::context, &Replicated::key, &Replicated::stamp);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Replicated&, const Replicated&) = default;
};

// What a node holds of a range of keys, which begins where the one before it ended.
struct RangeDigest {
  Key end;
  std::uint32_t count = 0;
  std::uint64_t digest = 0;  // of keys and stamps, in any order
  static constexpr auto members = std::tuple(&RangeDigest::end, &RangeDigest::count, &RangeDigest::digest);
  friend bool operator==(const RangeDigest&, const RangeDigest&) = default;
  auto fields() const { return std::tie(end, count, digest); }
};

// The sender owns these ranges, and this is what it holds of them.
struct Compare {
  static constexpr MessageKind kind{21, "compare"};
  QuestionContext context{};
  bool whole = false;     // all that the sender owns
  bool informed = false;  // the sender is: see Compared
  Key owner;              // the sender
  Key begin;              // of the first range, which does not hold this key itself
  BoundedList<RangeDigest, maximum_parts> parts{};
  static constexpr auto members = std::tuple(&Compare::context, &Compare::whole, &Compare::informed, &Compare::owner,
                                             &Compare::begin, &Compare::parts);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Compare&, const Compare&) = default;
};

struct Compared {
  static constexpr MessageKind kind{22, "compared"};
  QuestionContext context{};
  std::uint32_t incarnation = 0;  // the sender's
  bool informed = false;          // the sender knows of every put to these ranges that was acknowledged
  std::uint32_t same = 0;         // a bit for each range, the lowest for the first
  BoundedList<std::uint32_t, maximum_parts> counts{};
  static constexpr auto members =
      std::tuple(&Compared::context, &Compared::incarnation, &Compared::informed, &Compared::same, &Compared::counts);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Compared&, const Compared&) = default;
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
  static constexpr MessageKind kind{19, "offer"};
  enum class Purpose : std::uint8_t {
    hold,      // the sender owns the range, has these and no others, and wants the receiver to hold copies
    hand_off,  // the sender thinks that the receiver owns them, and would rather not hold them
    leave,     // the sender is about to leave: receivers that lack them should take them
    last = leave
  };
  using List = BoundedList<Offered, maximum_offered>;
  QuestionContext context{};
  Purpose purpose{};
  Key begin;
  Key end;
  List offered{};
  static constexpr auto members =
      std::tuple(&Offer::context, &Offer::purpose, &Offer::begin, &Offer::end, &Offer::offered);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Offer&, const Offer&) = default;
};

struct Verdict {
  enum class Want : std::uint8_t {
    send,      // I lack it, or hold an older one
    held,      // I hold it
    newer,     // I hold a newer one
    settled,   // I own it, or a newer one, and all its holders have that
    not_mine,  // I do not own it
    last = not_mine
  };
  Key key;
  Want want{};
  static constexpr auto members = std::tuple(&Verdict::key, &Verdict::want);
  friend bool operator==(const Verdict&, const Verdict&) = default;
  auto fields() const { return std::tie(key, want); }
};

// To an offer: a verdict on each of its values. What the offering owner lacks, or has an older state of, follows by
// itself.
struct OfferAnswer {
  static constexpr MessageKind kind{20, "offer_answer"};
  using List = BoundedList<Verdict, maximum_offered>;
  QuestionContext context{};
  std::uint32_t incarnation = 0;  // the sender's
  bool more = false;              // the sender holds more of the range than it sends
  Contact next;                   // the sender's first successor, which owns what follows
  List verdicts{};
  static constexpr auto members = std::tuple(&OfferAnswer::context, &OfferAnswer::incarnation, &OfferAnswer::more,
                                             &OfferAnswer::next, &OfferAnswer::verdicts);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const OfferAnswer&, const OfferAnswer&) = default;
};

}  // namespace peerbed::ring
