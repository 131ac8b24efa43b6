#pragma once
// The parts of a report's document as JSON trees, shared by the files that build it.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analysis/results/json_document.h"
#include "analysis/statistics/histogram.h"
#include "analysis/trace/space_time.h"
#include "app/report/report_document.h"

namespace peerbed::app {

// The contents of a run's or a sweep's folder. Each throws FileError for anything missing or broken.
analysis::Json run_in_report(const std::string& folder, const ReportChoices& choices);
analysis::Json sweep_in_report(const std::string& folder, const ReportChoices& choices);

// Some events of a traced run, with their causes; nothing if the run was not traced. Throws std::runtime_error for a
// broken trace, or a missing one if a window of it is requested.
std::optional<analysis::Json> space_time_in_report(const std::string& folder,
                                                   const std::optional<analysis::TimeWindow>& window);

// Why the slowest operation of each kind was slow, next to the fastest; nothing if the run was not traced.
std::optional<analysis::Json> stories_in_report(const std::string& folder);

// Bars as [[at_most, count], ...], merging neighbours until there are few enough.
analysis::Json rows_of(const std::vector<analysis::Bar>& bars, std::size_t most);

}  // namespace peerbed::app
