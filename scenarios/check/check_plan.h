#pragma once
// How a scenario's nodes are explored exhaustively: its `check:` section.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "protocols/environment/time.h"

namespace peerbed::scenarios {

// When a timer may fire.
enum class CheckClock : std::uint8_t {
  patient,  // one that waits for an answer fires only when nothing is under way: silence means death
  hasty,    // any timer at any time, so that nodes suspect one another wrongly
};

enum class CheckSteps : std::uint8_t {
  exchange,  // an action and all that it causes, until nothing is under way
  message,   // one message or timer at a time
};

// How often each kind of action may happen on a way through the states.
struct CheckBudget {
  static constexpr std::uint32_t any = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t start = any;
  std::uint32_t crash = any;
  std::uint32_t leave = 0;
  std::uint32_t fire = any;     // timers, except those that wait for an answer
  std::uint32_t drop = 0;       // messages lost
  std::uint32_t duplicate = 0;  // messages doubled
};

struct CheckPlan {
  CheckClock clock = CheckClock::patient;
  CheckSteps steps = CheckSteps::exchange;
  CheckBudget budget;
  std::vector<std::string> timers;  // that fire, by name; empty: those that the protocol says
  std::string contract;             // which failures happen; empty: the protocol's own
  std::vector<std::string> always;  // properties; nothing at all named: all of the protocol
  std::vector<std::string> eventually;
  // Of the scenario: the commands that each process gets when it starts, by group; and whether a disk takes its time.
  std::vector<std::vector<std::string>> on_start{};
  bool disks_take_time = false;
  std::optional<std::uint64_t> states;  // bounds
  std::optional<std::uint64_t> memory;  // bytes
  std::optional<std::uint32_t> depth;
};

}  // namespace peerbed::scenarios
