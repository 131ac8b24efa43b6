#pragma once
// Counts what nodes trace and collects the distributions of the fields, by the tables that their protocols publish. All
// groups of a protocol share its table. Fields that only identify things (identifiers, addresses) are not measured.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "analysis/statistics/histogram.h"
#include "protocols/environment/trace.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

class TraceTally {
 public:
  struct Event {
    std::uint64_t count = 0;
    std::array<analysis::Histogram, maximum_trace_fields> fields;
  };
  struct Table {
    std::span<const TraceEventType> types;
    std::vector<Event> events;  // by type
  };

  explicit TraceTally(const Scenario& scenario);

  // `group` is the node's. Ignores types that its protocol does not publish.
  void add(std::size_t group, std::uint16_t type, const TraceValues& values);
  // Resets all counts.
  void clear();

  const std::vector<Table>& tables() const noexcept { return tables_; }

 private:
  std::vector<Table> tables_;
  std::vector<std::size_t> table_of_group_;
};

}  // namespace peerbed::scenarios
