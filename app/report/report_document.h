#pragma once
// The document behind a report: the contents of run and sweep folders as one JSON object for the page to show
// (docs/file-formats.md). Its size is bounded: long lists are thinned and marked as thinned.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/trace/space_time.h"

namespace peerbed::app {

struct ReportChoices {
  std::string program = "peerbed";  // its name, for commands that the report shows
  // Which events of a traced run to show; by default those around the slowest operation.
  std::optional<analysis::TimeWindow> window{};
};

// Reads the folders in order. Throws FileError for anything missing or broken.
std::string report_document(const std::vector<std::string>& folders, const ReportChoices& choices);

// Inserts the document into the page, which contains its marker once.
std::string filled_page(std::string_view page, std::string_view document);

}  // namespace peerbed::app
