#pragma once
// A node's own puts, removes and gets, at most maximum_operations of them. Each locates the owner of its key, asks it,
// and after it the other holders; again with backoff when that fails. The caller looks owners up and does what each
// function says comes next.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/ring/base/contact.h"
#include "protocols/ring/requests/request_context.h"
#include "protocols/ring/wire/parts.h"
#include "protocols/ring/wire/storage_messages.h"

namespace peerbed::ring {

constexpr std::size_t maximum_operations = 256;  // more fail at once
constexpr std::size_t maximum_asked = 40;        // nodes that one round of a get asks

// A put or a get of this node.
struct Operation {
  enum class Kind : std::uint8_t { put, remove, get };
  enum class Stage : std::uint8_t { locating, asking, waiting };
  std::uint32_t id = 0;
  std::uint64_t name_of_all = 0;  // among the operations of all nodes
  Kind kind{};
  Stage stage{};
  std::uint8_t attempts = 0;
  std::uint8_t restamps = 0;   // answers that another put was newer
  std::uint8_t absences = 0;   // rounds in which an owner was sure that there is no such value
  std::uint8_t rounds = 0;     // transfers of the value's parts that were of no use
  std::uint8_t copies = 0;     // of a put, sent with this stamp
  bool kept = false;           // of a get: what is fetched is not printed but kept
  std::uint32_t transfer = 0;  // of which this is a part; 0: none
  std::uint32_t part = 0;      // its number
  Key key;
  std::string name;                // as the command gave it
  std::vector<std::byte> bytes;    // of a put; of a get, the newest that was seen
  std::vector<std::byte> whole;    // the value whose record is put
  std::vector<PartSet> abandoned;  // of earlier rounds: they go when this one is done
  Duration lifetime{};             // of what is put; 0: for ever
  ValueState state;                // what is put; of a get, the newest that was seen
  Time started;
  Time deadline;
  Address asked;  // the holder that was asked last while no other was in question
  Time asked_at{};
  std::uint8_t in_question = 0;  // so many of the holders, from the back, were asked
  bool is_absent = false;        // its owner was sure of that, in this round
  Contact owner;                 // who is taken for it
  bool owner_answered = false;   // and gave
  ValueStamp owner_stamp;        // this state of the value, if it was asked for one
  std::vector<Contact> holders;  // asked and yet to be asked, the owner last
  auto fields() const {
    return std::tie(id, name_of_all, kind, stage, attempts, restamps, absences, rounds, copies, kept, transfer, part,
                    key, name, bytes, whole, abandoned, lifetime, state, started, deadline, asked, asked_at,
                    in_question, is_absent, owner, owner_answered, owner_stamp, holders);
  }
  bool is_get() const noexcept { return kind == Kind::get; }
};

class Operations {
 public:
  // What is to be done next about an operation.
  enum class Next : std::uint8_t {
    wait,  // nothing
    locate,
    succeed,    // end it; a get has seen a value, or a tombstone
    fail,       // end it
    put_again,  // end it, and put its large value once more: the stamp says after which other put
  };

  static Operation on(std::string_view name, Operation::Kind kind, KeySpace space);

  // The name that tells an operation, or what it puts, from all others of any node.
  std::uint64_t next_name(const RequestContext& context);
  // Returns its id. One that goes on with another has its id and its beginning.
  std::uint32_t begin(const RequestContext& context, Operation operation);
  bool are_too_many() const noexcept { return operations_.size() > maximum_operations; }  // the latest is to fail
  const Operation* find(std::uint32_t id) const noexcept;                                 // nothing when there is none
  Operation take(std::uint32_t id);                                                       // one that ends

  // Returns the key whose owner is to be looked up. The lookup has retries and an end of its own; until then the
  // operation waits for it.
  Key locate(std::uint32_t id);
  // The lookup found the owner; these are to be asked, in this order. Without holders it found nobody.
  Next ask(const RequestContext& context, std::uint32_t id, Contact owner, std::span<const Contact> holders);
  // Answers. An answer to nothing that was asked changes nothing.
  Next take(const RequestContext& context, Address from, const PutDone& done);
  Next take(const RequestContext& context, Address from, const Value& value);

  std::vector<std::uint32_t> overdue(Time now) const;
  // Those that a hedging get has asked, when their answers are overdue: they are late.
  std::span<const Contact> late_holders(const RequestContext& context, std::uint32_t id) const noexcept;
  Next handle_overdue(const RequestContext& context, std::uint32_t id);
  Time earliest_deadline() const noexcept;

  // Whether the owner of a key was sure often enough that there is no such value.
  static bool is_absent(const Operation& operation) noexcept;

  std::size_t size() const noexcept { return operations_.size(); }
  std::uint32_t count() const noexcept { return last_operation_; }  // of all that were named so far

  auto fields() const { return std::tie(operations_, last_operation_, last_time_); }

 private:
  Operation* operation_of(std::uint32_t id) noexcept;
  std::uint64_t next_stamp_time(std::uint64_t clock, std::uint64_t known) noexcept;
  Next ask_holder(const RequestContext& context, Operation& operation);
  Next ask_next_holder(const RequestContext& context, Operation& operation);
  Next ask_more_holders(const RequestContext& context, Operation& operation);
  Next stamp_anew(const RequestContext& context, Operation& operation, ValueStamp present);

  std::vector<Operation> operations_;
  std::uint32_t last_operation_ = 0;
  std::uint64_t last_time_ = 0;  // of a stamp
};

}  // namespace peerbed::ring
