#pragma once
// The time diagram of a key's history: a row for each client, a bar from the begin to the end of each operation. Arrows
// show why the history does not reach a level: each leads from an operation to one that began only after its end.

#include <string>

#include "analysis/history/history_report.h"
#include "analysis/plot/figure.h"

namespace peerbed::analysis {

struct HistoryFigure {
  std::string title{};  // empty: the key and its level
  WorstKey key{};
  std::string description{};
};

Picture picture_of(const HistoryFigure& figure, const Look& look = {});

}  // namespace peerbed::analysis
