#pragma once
// What a search for failures may vary in a scenario: its `search:` section. What is absent follows from what the
// scenario's protocols promise.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/time.h"
#include "scenarios/plan/action.h"
#include "scenarios/protocol/tolerance.h"

namespace peerbed::scenarios {

// By SearchFault.
constexpr std::array<std::string_view, search_fault_count> search_fault_names{"start", "crash",     "wipe",  "leave",
                                                                              "pause", "partition", "clog",  "latency",
                                                                              "loss",  "duplicate", "clock", "command"};

constexpr std::uint64_t maximum_deeds = 64;

template <class Number>
struct Range {
  Number least{};
  Number most{};
};

struct SearchPlan {
  std::optional<SearchFaults> faults;
  Nodes nodes;                                                                       // that faults affect; empty: all
  Range<std::uint64_t> count{1, 8};                                                  // faults in one run
  Duration from{};                                                                   // of the first fault
  std::optional<Duration> calm;                                                      // at the end of the run
  Range<Duration> length{std::chrono::milliseconds(200), std::chrono::seconds(20)};  // of what ends again
  Range<Duration> latency{std::chrono::milliseconds(1), std::chrono::milliseconds(200)};
  double loss = 0.05;                                                         // at most
  Range<Duration> offset{-std::chrono::seconds(5), std::chrono::seconds(5)};  // of clocks
  std::vector<std::string> commands;                                          // templates, as in a workload
  // At most so many nodes stop within this time; the protocols' promises if absent.
  std::optional<std::size_t> deaths;
  std::optional<Duration> within;
  std::optional<std::size_t> survivors;  // nodes that run at any time, at least
};

}  // namespace peerbed::scenarios
