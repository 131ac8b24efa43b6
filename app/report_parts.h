#pragma once
// The parts of a report's document, as trees of JSON. For the files that make it.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "analysis/histogram.h"

namespace peerbed::app {

// What the folder of a run or of a sweep holds. `program` is how this one is called, for commands that the report
// shows. Each throws FileError for what is missing or broken.
nlohmann::ordered_json run_in_report(const std::string& folder, const std::string& program);
nlohmann::ordered_json sweep_in_report(const std::string& folder, const std::string& program);

// Bars as [[at_most, count], ...], at most so many: neighbours are taken together.
nlohmann::ordered_json rows_of(const std::vector<analysis::Bar>& bars, std::size_t most);
// Whole numbers without a point.
nlohmann::ordered_json plain_number(double value);

}  // namespace peerbed::app
