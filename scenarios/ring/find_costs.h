#pragma once
// What each lookup, join and search for a value's holders cost: how many finds for it arrived anywhere, with all
// retries and copies. Finds for fingers count as lookups.

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/statistics/metrics.h"
#include "host/step.h"
#include "protocols/ring/wire/routing_messages.h"

namespace peerbed::scenarios {

class FindCosts {
 public:
  void note(const Step& step);
  // Forgets what was counted so far.
  void begin() { *this = FindCosts{}; }
  // lookup.finds.mean, .p50, .p99 and .max; also of join and value. Nothing of what did not occur.
  void write_to(analysis::Metrics& metrics) const;

 private:
  enum Purpose : std::size_t { lookup, join, value, purposes };
  static constexpr std::uint32_t most_told_apart = 4096;  // of finds for one; more count as this many

  // What a question has cost is known when no find of it arrived for one to two lengths of a generation.
  static constexpr Duration generation = std::chrono::minutes(10);
  struct Cost {
    std::uint32_t finds = 0;
    std::uint32_t purpose = lookup;
  };
  using Costs = std::unordered_map<std::uint64_t, Cost>;  // by asker and question; nothing depends on its order
  using Histogram = std::array<std::vector<std::uint64_t>, purposes>;  // questions by their number of finds

  static void add(const Costs& costs, Histogram& histogram);
  static void write(std::string_view name, const std::vector<std::uint64_t>& questions, analysis::Metrics& metrics);

  Costs younger_;
  Costs older_;
  Histogram over_;
  Time begun_;  // the younger generation
};

}  // namespace peerbed::scenarios
