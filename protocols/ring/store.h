#pragma once
// The storage state of a chord node: the copies it holds, the puts it owns, its comparisons with other nodes, and its
// own puts and gets.

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/ring/contact.h"
#include "protocols/ring/key_range.h"
#include "protocols/ring/parts.h"
#include "protocols/ring/storage_messages.h"

namespace peerbed::ring {

constexpr std::size_t maximum_operations = 256;      // puts and gets of one node; more fail at once
constexpr std::size_t maximum_accepted_puts = 1024;  // puts that one owner replicates at a time; more are refused
constexpr std::size_t maximum_questions = 4;         // of one comparison at a time
constexpr std::size_t maximum_ranges = 256;          // that a comparison has yet to look at; it begins again for more
constexpr std::size_t maximum_asked = 40;            // nodes that one round of a get asks

// A copy of a value.
struct StoredValue {
  ValueState state;
  std::vector<std::byte> bytes;
  Time confirmed = Time::min();  // when its owner last told this node to hold it
  // The next successors, by place, that are known to hold it too; of use while `placement` is the store's.
  std::uint32_t holders = 0;
  std::uint32_t placement = 0;
  std::uint32_t change = 0;  // the store's count of changes when it came
  auto fields() const { return std::tie(state, bytes, confirmed, holders, placement, change); }
};

// A put that its owner has stored and is replicating.
struct AcceptedPut {
  std::uint32_t id = 0;
  Address asker;
  Key key;
  ValueStamp stamp;
  Time deadline;  // of the next repetition
  std::uint8_t attempts = 0;
  auto fields() const { return std::tie(id, asker, key, stamp, deadline, attempts); }
};

// A question of a comparison: about a range's parts, or an offer of its values.
struct RangeQuestion {
  std::uint32_t id = 0;
  KeyRange range;
  std::uint32_t change = 0;  // the store's count of changes at that time
  Time deadline;
  std::uint8_t attempts = 0;
  std::uint8_t awaited = 0;  // values that were asked for, sent, and not confirmed yet
  bool is_whole = false;     // about all of the own keys
  bool is_offer = false;
  bool is_answered = false;
  auto fields() const {
    return std::tie(id, range, change, deadline, attempts, awaited, is_whole, is_offer, is_answered);
  }
};

// A comparison with another node that makes the copies in a range equal. It looks closer only where they differ.
struct Comparison {
  Contact peer;
  Offer::Purpose purpose{};
  std::uint8_t rounds = 0;
  bool begun = false;            // this round
  bool differs = false;          // something did, in this round
  Contact next;                  // who owns what follows the values that the peer owns
  std::vector<KeyRange> ranges;  // yet to be looked at, the next one last
  std::vector<RangeQuestion> asked;
  auto fields() const { return std::tie(peer, purpose, rounds, begun, differs, next, ranges, asked); }
};

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

// What a node knows about the past of its keys.
struct Knowledge {
  bool informed = true;       // of every acknowledged put to the keys that it owns
  Time joined = Time::min();  // when it began to be otherwise
  bool is_bounded = false;    // it has had a predecessor, so that it owned not all keys but those from
  Key owned_from;             // here on
  Key held_from;              // it knows as much of the keys from here on, which others owned then
  Time held_at = Time::min();
  auto fields() const { return std::tie(informed, joined, is_bounded, owned_from, held_from, held_at); }
};

struct Store {
  std::map<Key, StoredValue> values;
  std::vector<AcceptedPut> accepted;
  std::vector<Operation> operations;
  std::vector<Comparison> comparisons;  // one for each holder, and one with the owner of what this node gives up
  std::uint32_t placement = 1;          // counts changes of the neighbours that hold the own values
  std::uint32_t changes = 0;            // of values
  std::uint32_t unread = 0;             // records on the disk that were asked for
  std::uint32_t alike = 0;              // holders, by place, that were found to hold the same since `compared`
  std::uint32_t peers_informed = 0;     // those of them that know the past of the own keys
  std::uint32_t hurry = 0;              // repair runs since the last one that found all complete
  std::uint32_t last_operation = 0;
  std::uint64_t last_time = 0;  // of a stamp
  Time compared = Time::min();  // when all holders' turn came last
  Time hastened = Time::min();  // a hurried repair run is due by then
  Time leave_deadline = Time::max();
  Key given_up_to;      // how far the ring was gone through for owners of what this node gives up
  KeyRange lost_range;  // what the predecessor has just taken over
  bool has_lost_range = false;
  Knowledge knowledge;
  auto fields() const {
    return std::tie(values, accepted, operations, comparisons, placement, changes, unread, alike, peers_informed, hurry,
                    last_operation, last_time, compared, hastened, leave_deadline, given_up_to, lost_range,
                    has_lost_range, knowledge);
  }
};

}  // namespace peerbed::ring
