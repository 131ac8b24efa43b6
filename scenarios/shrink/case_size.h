#pragma once
// When a case is smaller than another.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/shrink/case.h"

namespace peerbed::scenarios {

// For as many messages counts what happens to a share of them by chance.
constexpr std::size_t share_of_messages = 1'000'000;

// The first number that differs decides, faults and drops together, then the text.
struct CaseSize {
  std::size_t nodes = 0;  // that run
  std::size_t faults = 0;
  std::size_t drops = 0;  // messages that are lost, doubled or delayed
  std::size_t commands = 0;
  std::size_t subtlety =
      0;  // of all deeds: a start is simpler than a lost message, that than a crash, that than a pause
  std::int64_t duration = 0;  // rounded up to one digit, nanoseconds
  std::size_t idle = 0;       // nodes that are never started
  std::uint64_t bytes = 0;    // of all sizes that its settings name
  std::string text;

  friend bool operator<(const CaseSize& a, const CaseSize& b);
};
CaseSize size_of(const Case& example);

// What the value says, if it is a size with its unit.
std::optional<std::uint64_t> size_in_bytes(const Value& value);

}  // namespace peerbed::scenarios
