#include "app/sweep/sweep_outcome.h"

#include <algorithm>
#include <iostream>

#include "analysis/results/one_line.h"
#include "app/cli/settings.h"
#include "app/sweep/sweep_report.h"

namespace peerbed::app {
namespace {

using scenarios::show_count;
using scenarios::show_counted;
using scenarios::SweepUnit;

constexpr std::size_t failures_shown = 10;

}  // namespace

std::string SweepOutcome::unit_text(const SweepUnit& unit) const {
  std::vector<std::string> names;
  for (const scenarios::Axis& axis : plan_.axes) names.push_back(axis.name);
  const std::string point = point_text(names, plan_.points[unit.point].values);
  return point + (point.empty() ? "" : ", ") + "seed " + std::to_string(unit.seed);
}

std::string SweepOutcome::again(const SweepUnit& unit, const char* command) const {
  std::string text = shell_word(program_) + " " + command + " " + shell_word(scenario_);
  for (const scenarios::Override& each : plan_.overrides_at(plan_.points[unit.point]))
    text += " --set " + shell_word(each.path + "=" + each.value);
  return text + " --seed " + std::to_string(unit.seed);
}

void SweepOutcome::print(const Gathered& gathered, const std::string& folder, const std::vector<std::string>& wanted,
                         bool as_json) const {
  const analysis::SweepResults& results = gathered.results;
  const std::vector<std::string> metrics =
      wanted.empty() ? telling_metrics(results, plan_.expected, gathered.findings) : chosen_metrics(results, wanted);
  if (as_json) {
    std::cout << statistics_json(results, metrics);
  } else {
    print_title(gathered);
    if (metrics.empty())
      std::cout << "\nNo key metric differs; use --metric NAME to show a metric, or see statistics.csv.\n";
    print_statistics(std::cout, results, metrics, style_);
    std::cout << '\n' << style_.dim("saved in " + folder + ": results.sqlite, statistics.csv") << '\n';
  }
  std::cout << std::flush;
  print_failures(gathered, as_json ? std::cerr : std::cout);
}

void SweepOutcome::print_title(const Gathered& gathered) const {
  const std::size_t points = plan_.points.size();
  std::cout << style_.bold(plan_.name) << ": " << show_counted(plan_.unit_count() - gathered.missing, "run")
            << (points > 1 ? " at " + show_count(points) + " points" : "");
  if (gathered.missing > 0) std::cout << ", " << show_count(gathered.missing) << " missing";
  std::cout << '\n';
}

void SweepOutcome::print_failures(const Gathered& gathered, std::ostream& out) const {
  if (!gathered.failed.empty())
    out << '\n'
        << (gathered.failed.size() == 1 ? "One run" : show_count(gathered.failed.size()) + " runs")
        << " failed the scenario's expectations:\n";
  for (std::size_t i = 0; i < std::min(failures_shown, gathered.failed.size()); ++i)
    out << "  " << unit_text(gathered.failed[i].unit) << ": " << analysis::one_line(gathered.failed[i].why)
        << "\n    rerun: " << again(gathered.failed[i].unit)
        << "\n    shrink: " << again(gathered.failed[i].unit, "shrink") << '\n';
  if (gathered.failed.size() > failures_shown)
    out << "  ... and " << show_count(gathered.failed.size() - failures_shown)
        << " more: SELECT * FROM runs WHERE NOT good, in results.sqlite\n";
  out << std::flush;
}

}  // namespace peerbed::app
