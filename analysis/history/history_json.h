#pragma once
// A history report in a run's chronicle (docs/file-formats.md).

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "analysis/history/history_report.h"
#include "analysis/results/json_document.h"
#include "analysis/results/json_text.h"

namespace peerbed::analysis {

// Writes one object.
void write_history(const HistoryReport& report, JsonText& out);
// The worst key of such an object; nothing if there is none, or if the object is damaged.
std::optional<WorstKey> read_worst_key(const Json& history);

}  // namespace peerbed::analysis
