#pragma once
// A sweep's result for a person to read: for each metric that matters, a table with one row per point.

#include <ostream>
#include <string>
#include <vector>

#include "analysis/results/sweep_statistics.h"
#include "analysis/results/table.h"
#include "scenarios/text/units.h"

namespace peerbed::app {

// The metrics that `wanted` names, by name or by pattern with '*'. Throws UsageError for one that nothing matches.
std::vector<std::string> chosen_metrics(const analysis::SweepResults& results, const std::vector<std::string>& wanted);

// Those that a person most likely asks for: what the scenario's expectations name and what its protocols measure of the
// whole, where one way is better, and which are not all the same.
std::vector<std::string> telling_metrics(const analysis::SweepResults& results,
                                         const std::vector<std::string>& expected,
                                         const std::vector<std::string>& findings);

void print_statistics(std::ostream& out, const analysis::SweepResults& results, const std::vector<std::string>& metrics,
                      const analysis::Style& style);
// The same as one JSON object.
std::string statistics_json(const analysis::SweepResults& results, const std::vector<std::string>& metrics);

// "peers=4, loss=1%"; empty when nothing differs between points.
std::string point_text(const std::vector<std::string>& parameters, const std::vector<std::string>& values);

// A metric's value in its unit; a change as a signed percentage, with three digits.
std::string metric_text(double value, Unit unit);
std::string percent_text(double share);
// "-49.9% (-50.1 to -49.8)", or in the metric's unit when it cannot be told in percent.
std::string change_text(const analysis::Change& change, Unit unit);

}  // namespace peerbed::app
