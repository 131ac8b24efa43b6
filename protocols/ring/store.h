#pragma once
// What a chord node keeps about values: the copies it holds, the puts it owns, and its own puts and gets.

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/ring/contact.h"
#include "protocols/ring/storage_messages.h"

namespace peerbed::ring {

constexpr std::size_t maximum_operations = 256;      // puts and gets of one node; more fail at once
constexpr std::size_t maximum_accepted_puts = 1024;  // puts that one owner replicates at a time; more are refused

// A copy of a value.
struct StoredValue {
  ValueStamp stamp;
  std::vector<std::byte> bytes;
  Time confirmed = Time::min();  // when an owner last told this node to hold it
  // The next successors, by place, that are known to hold it too; of use while `placement` is the store's.
  std::uint32_t holders = 0;
  std::uint32_t placement = 0;
  auto fields() const { return std::tie(stamp, bytes, confirmed, holders, placement); }
};

// A put that its owner has stored and is replicating.
struct AcceptedPut {
  std::uint32_t id = 0;
  Address asker;
  Key key;
  Time deadline;  // of the next repetition
  std::uint8_t attempts = 0;
  auto fields() const { return std::tie(id, asker, key, deadline, attempts); }
};

// A put or a get of this node.
struct Operation {
  enum class Stage : std::uint8_t { locating, asking, waiting };
  std::uint32_t id = 0;
  bool is_put = false;
  Stage stage{};
  std::uint8_t attempts = 0;
  std::uint8_t absences = 0;  // rounds in which the last holder, too, had nothing
  Key key;
  std::string name;              // as the command gave it
  std::vector<std::byte> bytes;  // of a put
  Time started;
  Time deadline;
  Address asked;  // the holder that was asked last while no other was in question
  Time asked_at{};
  std::uint8_t in_question = 0;  // so many of the holders, from the back, were asked
  bool is_absent = false;        // one of this round had nothing
  std::vector<Contact> holders;  // asked and yet to be asked, the owner last
  auto fields() const {
    return std::tie(id, is_put, stage, attempts, absences, key, name, bytes, started, deadline, asked, asked_at,
                    in_question, is_absent, holders);
  }
};

struct Store {
  std::map<Key, StoredValue> values;
  std::vector<AcceptedPut> accepted;
  std::vector<Operation> operations;
  std::uint32_t placement = 1;  // counts changes of the neighbours that hold the own values
  std::uint32_t hurry = 0;      // repair runs since the last one that found all complete
  Time hastened = Time::min();  // a hurried repair run is due by then
  Time leave_deadline = Time::max();
  auto fields() const { return std::tie(values, accepted, operations, placement, hurry, hastened, leave_deadline); }
};

}  // namespace peerbed::ring
