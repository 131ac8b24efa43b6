#pragma once
// The document behind a report: what folders of runs and sweeps hold, as one JSON object for the page to show
// (docs/file-formats.md). It is bounded: long lists are thinned, and say so.

#include <string>
#include <string_view>
#include <vector>

namespace peerbed::app {

// The folders in their order. `program` is how this one is called, for commands that the report shows. Throws FileError
// for what is missing or broken.
std::string report_document(const std::vector<std::string>& folders, const std::string& program);

// The page with the document in its place. The page holds the text for it once.
std::string filled_page(std::string_view page, std::string_view document);

}  // namespace peerbed::app
