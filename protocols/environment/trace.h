#pragma once
// What a protocol reports about itself: named events with up to four numbers. A protocol publishes a table of them, so
// that any analysis can count and measure without knowing the protocol, and no protocol keeps statistics.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace peerbed {

// Identifiers, addresses and codes (numbers from a protocol's own list, for example of reasons) only distinguish
// things.
enum class Unit : std::uint8_t { none, count, nanoseconds, bytes, identifier, flag, address, code };

constexpr bool is_quantity(Unit unit) noexcept {
  return unit != Unit::identifier && unit != Unit::address && unit != Unit::code;
}

// Which direction of a quantity is better, all else being equal: the basis for comparing two experiments.
enum class Better : std::uint8_t { neither, less, more };

struct TraceField {
  std::string_view name;
  Unit unit = Unit::none;
  Better better = Better::neither;
};

constexpr std::size_t maximum_trace_fields = 4;

struct TraceEventType {
  std::string_view name;  // lower case, words joined by dots: "lookup.done"
  std::array<TraceField, maximum_trace_fields> fields{};
  Better better = Better::neither;  // for the number of its occurrences

  constexpr std::size_t field_count() const noexcept {
    std::size_t count = 0;
    while (count < fields.size() && !fields[count].name.empty()) ++count;
    return count;
  }
};

using TraceValues = std::array<std::uint64_t, maximum_trace_fields>;

}  // namespace peerbed
