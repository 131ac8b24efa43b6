#pragma once
// What a search found, as JSON and as one page of HTML that needs nothing else.

#include <string>
#include <vector>

#include "app/search/search_folder.h"

namespace peerbed::app {

struct SearchSummary {
  const scenarios::Search& search;
  const std::vector<CurvePoint>& curve;
  std::string command;                 // that continues or repeats the search
  std::vector<std::string> reproduce;  // by finding: the command that shows it
  std::string ended;                   // why the search ended: "all runs done"
  std::vector<std::string> pictures;   // by finding: SVG, or nothing
};

std::string summary_json(const SearchSummary& summary);
std::string summary_page(const SearchSummary& summary);

}  // namespace peerbed::app
