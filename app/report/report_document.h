#pragma once
// The document behind a report: the contents of run and sweep folders as one JSON object for the page to show
// (docs/file-formats.md). It is bounded: long lists are thinned and marked as thinned.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/trace/space_time.h"

namespace peerbed::app {

struct ReportChoices {
  std::string program = "peerbed";  // how this one is called, for commands that the report shows
  // Of the events of runs that were traced; those around the slowest operation when there is none.
  std::optional<analysis::TimeWindow> window{};
};

// The folders in their order. Throws FileError for what is missing or broken.
std::string report_document(const std::vector<std::string>& folders, const ReportChoices& choices);

// The page with the document in its place. The page holds the text for it once.
std::string filled_page(std::string_view page, std::string_view document);

}  // namespace peerbed::app
