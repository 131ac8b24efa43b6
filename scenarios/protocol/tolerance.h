#pragma once
// What the nodes of a protocol are promised to bear. A search for failures stays within it, so that what it finds is a
// fault of the protocol and not of the schedule.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "protocols/environment/time.h"

namespace peerbed::scenarios {

// The kinds of faults that a search may use. Their names in scenarios are those of `search_fault_names`.
enum class SearchFault : std::uint8_t {
  start,      // of a node that nothing else starts
  crash,      // for some time or for good; the disk stays
  wipe,       // a crash that loses the disk
  leave,      // gracefully, for some time or for good
  pause,      // for some time
  partition,  // one node or some from the others, in both directions or in one, for some time
  clog,       // what some send to the others waits
  latency,    // the network is slower or faster for the whole time
  loss,       // and loses messages
  duplicate,  // and doubles them
  clock,      // a clock is wrong or drifts
  command,    // one of the scenario's commands, at another time or node
};
constexpr std::size_t search_fault_count = 12;

class SearchFaults {
 public:
  constexpr SearchFaults() = default;
  static constexpr SearchFaults all() noexcept { return SearchFaults((1U << search_fault_count) - 1); }

  constexpr bool contains(SearchFault fault) const noexcept {
    return (bits_ >> static_cast<unsigned>(fault) & 1U) != 0;
  }
  constexpr void insert(SearchFault fault) noexcept { bits_ |= 1U << static_cast<unsigned>(fault); }
  constexpr void erase(SearchFault fault) noexcept { bits_ &= ~(1U << static_cast<unsigned>(fault)); }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr SearchFaults operator&(SearchFaults a, SearchFaults b) noexcept {
    return SearchFaults(a.bits_ & b.bits_);
  }
  friend constexpr bool operator==(SearchFaults, SearchFaults) = default;

 private:
  constexpr explicit SearchFaults(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_ = 0;
};

struct Tolerance {
  SearchFaults faults = SearchFaults::all();
  // At most so many nodes crash or leave within any `notice`, and at least `survivors` run at any time.
  std::size_t deaths = std::numeric_limits<std::size_t>::max();
  Duration notice{};
  std::size_t survivors = 1;
  bool counts_cuts = false;  // a node that is cut off or paused counts as dead, too
  Duration away{};           // a node that stops stays away for this long at least
  // How long nothing must happen until all is well again: longer than the longest chain of waits. Zero: unknown.
  Duration recovery{};
  // A node that waited for an answer, or seemed to, takes so many times as long as it waited longer to recover, and to
  // notice who died.
  int patience = 0;
};

}  // namespace peerbed::scenarios
