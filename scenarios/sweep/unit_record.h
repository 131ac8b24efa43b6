#pragma once
// What a sweep stores of one run: one line of JSON (docs/file-formats.md). It has no wall-clock time, so the same run
// always gives the same bytes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/results/sweep_results.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/sweep/sweep_plan.h"

namespace peerbed::scenarios {

struct UnitRecord {
  analysis::UnitResult result;
  std::vector<std::string> unmet;     // "lookup.done.count > 10: was 3"
  std::vector<std::string> findings;  // metrics that protocols added
};

UnitRecord unit_record(const SweepPoint& point, const RunResult& result);

// Ends with a newline.
std::string write_unit_record(const UnitRecord& record);
// Nothing if the text is not a record, or is cut short.
std::optional<UnitRecord> read_unit_record(std::string_view text);

}  // namespace peerbed::scenarios
