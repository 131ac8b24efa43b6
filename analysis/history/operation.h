#pragma once
// A put or a get of one key as its client saw it. The operations of a key are a history of a register (Herlihy and Wing
// 1990, "Linearizability: a correctness condition for concurrent objects").

#include <cstdint>

#include "protocols/environment/time.h"

namespace peerbed::analysis {

constexpr Time never = Time::max();

// Each put writes a value of its own, so a get tells which put it saw. A remove is a put whose value is gone at once.
struct Operation {
  enum class Kind : std::uint8_t { put, get };

  Kind kind = Kind::put;
  bool finds = true;          // a get: it returned a value, and not that there is none
  std::uint32_t process = 0;  // the client
  std::uint64_t value = 0;    // a put: its own, not 0; a get: the one it returned or knew to be gone, or 0
  Time invoked{};
  Time answered = never;
  Time gone = never;  // a put: when its value's lifetime ends

  bool is_remove() const noexcept { return kind == Kind::put && gone <= invoked; }
  // What ends at the instant at which another begins overlaps it.
  bool precedes(const Operation& later) const noexcept { return answered < later.invoked; }
};

}  // namespace peerbed::analysis
