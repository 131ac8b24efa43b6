#pragma once
// The document behind a report: what folders of runs and sweeps hold, as one JSON object for the page to show
// (docs/file-formats.md). It is bounded: long lists are thinned, and say so.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/histogram.h"

namespace peerbed::app {

// The folders in their order. `program` is how this one is called, for commands that the report shows. Throws FileError
// for what is missing or broken.
std::string report_document(const std::vector<std::string>& folders, const std::string& program);

// The page with the document in its place. The page holds the text for it once.
std::string filled_page(std::string_view page, std::string_view document);

// The parts of a document: one run, one sweep.
nlohmann::ordered_json run_in_report(const std::string& folder, const std::string& program);
nlohmann::ordered_json sweep_in_report(const std::string& folder, const std::string& program);

// Bars as [[at_most, count], ...], at most so many: neighbours are taken together.
nlohmann::ordered_json rows_of(const std::vector<analysis::Bar>& bars, std::size_t most);
// Whole numbers without a point.
nlohmann::ordered_json plain_number(double value);

}  // namespace peerbed::app
