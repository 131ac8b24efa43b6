#pragma once
// Prints a sweep's result for a person to read: for each relevant metric, a table with one row per point.

#include <ostream>
#include <string>
#include <vector>

#include "analysis/results/sweep_statistics.h"
#include "analysis/results/table.h"
#include "scenarios/text/units.h"

namespace peerbed::app {

// The metrics that `wanted` names, by name or by a pattern with '*'. Throws UsageError for one that matches nothing.
std::vector<std::string> chosen_metrics(const analysis::SweepResults& results, const std::vector<std::string>& wanted);

// The metrics that users most likely want: those in the scenario's expectations and those that its protocols measure
// for the whole system, if they have a better direction and are not constant.
std::vector<std::string> telling_metrics(const analysis::SweepResults& results,
                                         const std::vector<std::string>& expected,
                                         const std::vector<std::string>& findings);

void print_statistics(std::ostream& out, const analysis::SweepResults& results, const std::vector<std::string>& metrics,
                      const analysis::Style& style);
// The same as one JSON object.
std::string statistics_json(const analysis::SweepResults& results, const std::vector<std::string>& metrics);

// "peers=4, loss=1%"; empty if points do not differ.
std::string point_text(const std::vector<std::string>& parameters, const std::vector<std::string>& values);

// Formats a metric's value in its unit, or a change as a signed percentage, with three digits.
std::string metric_text(double value, Unit unit);
std::string percent_text(double share);
// "-49.9% (-50.1 to -49.8)", or in the metric's unit if a percentage is impossible.
std::string change_text(const analysis::Change& change, Unit unit);

}  // namespace peerbed::app
