#pragma once
// The history of what nodes put and got (analysis/history), from what they trace. A protocol has one if it traces these
// events with these fields, in any order:
//
//   put.begun           operation, key; and, if values have lifetimes, time and until: of the value, in nanoseconds by
//                       the same clock; until 0: it is a remove, 2^64 - 1: for ever
//   value.acknowledged  operation, of a put
//   get.begun           operation, key
//   get.returned        operation; put: the one whose value it returned or knew to be gone, or 0; time: 0 if there was
//                       no value
//
// An operation is a number that no other operation of the run has.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "analysis/history/history_report.h"
#include "host/node_index.h"
#include "protocols/environment/time.h"
#include "protocols/environment/trace.h"

namespace peerbed::scenarios {

constexpr std::size_t maximum_operations_watched = 1'000'000;  // puts, and gets; later ones are not

class ValueHistory {
 public:
  enum class Gets : std::uint8_t {
    forgotten,  // once they have been judged by take_wrong_gets()
    kept        // with the histories
  };
  struct WrongGets {
    std::uint64_t count = 0;
    std::string first;  // what it did
  };

  static bool is_traced(std::span<const TraceEventType> events) noexcept;

  // Of a protocol with these events; without the four above it stays empty.
  ValueHistory(std::span<const TraceEventType> events, Gets gets);

  void note(Time now, NodeIndex node, std::uint16_t type, const TraceValues& values);

  // Gets that were not those of a regular register, of those that ended since the last call. Once a put was not
  // watched, no get is judged.
  WrongGets take_wrong_gets();

  const analysis::Histories& histories() const noexcept { return histories_; }
  std::uint64_t unwatched() const noexcept { return unwatched_; }

 private:
  enum class Role : std::uint8_t { none, put_begun, acknowledged, get_begun, get_returned };
  struct Event {
    Role role = Role::none;
    std::array<std::size_t, 4> fields{};  // where the ones named above are
  };
  struct Put {
    std::uint64_t key = 0;
    std::size_t index = 0;  // in the key's history
  };
  struct Get {
    std::uint64_t key = 0;
    analysis::Operation operation;
  };

  static Event event_of(const TraceEventType& type) noexcept;

  void begin_put(Time now, NodeIndex node, std::uint64_t operation, std::uint64_t key, std::uint64_t until,
                 std::uint64_t time);
  void acknowledge(Time now, std::uint64_t operation);
  void begin_get(Time now, NodeIndex node, std::uint64_t operation, std::uint64_t key);
  void end_get(Time now, std::uint64_t operation, std::uint64_t put, bool finds);

  std::vector<Event> events_;  // by type
  Gets gets_kept_;
  analysis::Histories histories_;
  std::map<std::uint64_t, Put> puts_;
  std::map<std::uint64_t, Get> gets_;  // under way
  std::vector<Get> ended_;             // and not judged yet
  std::uint64_t begun_gets_ = 0;
  std::uint64_t unwatched_ = 0;
  bool is_complete_ = true;  // no put was passed over
};

}  // namespace peerbed::scenarios
