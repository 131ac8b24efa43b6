#include "app/report/report_document.h"

#include <algorithm>
#include <filesystem>

#include "analysis/results/json_document.h"
#include "app/cli/version.h"
#include "app/report/report_parts.h"
#include "app/run/run_folder.h"
#include "protocols/environment/contract.h"
#include "scenarios/text/error.h"

namespace peerbed::app {

namespace fs = std::filesystem;
using analysis::Json;

std::string report_document(const std::vector<std::string>& folders, const ReportChoices& choices) {
  Json document;
  document["format"] = 1;
  document["peerbed"] = PEERBED_VERSION;
  document["made"] = utc_now();
  document["runs"] = Json::array();
  document["sweeps"] = Json::array();
  for (const std::string& folder : folders) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) throw scenarios::FileError(folder + ": no such folder; check the path");
    if (fs::exists(folder + "/summary.json", error))
      document["runs"].push_back(run_in_report(folder, choices));
    else if (fs::exists(folder + "/sweep.json", error))
      document["sweeps"].push_back(sweep_in_report(folder, choices));
    else
      throw scenarios::FileError(
          folder +
          ": contains neither a run nor a sweep; create one with `peerbed run SCENARIO --out DIR` or "
          "`peerbed sweep SCENARIO -o DIR`");
  }
  return analysis::json_line(document) + "\n";
}

// Inside a script element nothing may look like markup.
std::string filled_page(std::string_view page, std::string_view document) {
  constexpr std::string_view marker = "<!--PEERBED-DOCUMENT-->";
  const std::size_t begin = page.find(marker);
  PEERBED_CONTRACT(begin != std::string_view::npos, "the page has a place for the document");
  std::string filled(page.substr(0, begin));
  filled += "<script type=\"application/json\" id=\"peerbed-document\">";
  for (const char letter : document)
    if (letter == '<')
      filled += "\\u003c";
    else
      filled += letter;
  filled += "</script>";
  filled += page.substr(begin + marker.size());
  return filled;
}

Json rows_of(const std::vector<analysis::Bar>& bars, std::size_t most) {
  const std::size_t together = (bars.size() + most - 1) / most;
  Json rows = Json::array();
  for (std::size_t i = 0; i < bars.size(); i += together) {
    const std::size_t end = std::min(i + together, bars.size());
    std::uint64_t count = 0;
    for (std::size_t k = i; k < end; ++k) count += bars[k].count;
    rows.push_back({bars[end - 1].at_most, count});
  }
  return rows;
}

}  // namespace peerbed::app
