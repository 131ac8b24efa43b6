#include "analysis/results/timeline.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/statistics/metric_words.h"

namespace peerbed::analysis {
namespace {

constexpr std::string_view header = "seconds,metric,value,unit";
constexpr std::int64_t intervals_wanted = 200;

std::string_view next_part(std::string_view& text, char end) {
  const std::size_t length = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return part;
}

// The index in a series of the interval that begins at `seconds`.
std::optional<std::size_t> index_of(double seconds, Duration interval) {
  const double index = std::round(seconds * 1e9 / static_cast<double>(interval.count()));
  if (!(index >= 0 && index < static_cast<double>(maximum_intervals))) return std::nullopt;
  return static_cast<std::size_t>(index);
}

}  // namespace

void Timeline::set(const std::string& metric, std::size_t index, double value, std::string_view unit) {
  TimeSeries& one = series[metric];
  if (one.values.empty()) one.unit = unit;
  if (one.values.size() <= index) one.values.resize(index + 1);
  one.values[index] = value;
}

Duration sensible_interval(Duration length) noexcept {
  const std::int64_t least = std::max<std::int64_t>((length.count() + intervals_wanted - 1) / intervals_wanted, 1);
  for (std::int64_t decade = 1;; decade *= 10)
    for (const std::int64_t step : {decade, 2 * decade, 5 * decade})
      if (step >= least) return Duration(step);
}

std::string timeline_csv(const Timeline& timeline) {
  std::size_t intervals = 0;
  for (const auto& [name, series] : timeline.series) intervals = std::max(intervals, series.values.size());
  std::string csv(header);
  csv += '\n';
  for (std::size_t index = 0; index < intervals; ++index) {
    const auto begin = static_cast<double>(timeline.interval.count() * static_cast<std::int64_t>(index));
    const std::string seconds = exact_text(begin / 1e9);
    for (const auto& [name, series] : timeline.series) {
      if (index >= series.values.size() || !series.values[index]) continue;
      csv.append(seconds).append(",").append(name).append(",");
      csv.append(exact_text(*series.values[index])).append(",").append(series.unit).append("\n");
    }
  }
  return csv;
}

std::optional<Timeline> read_timeline(std::string_view csv, Duration interval) {
  if (interval <= Duration::zero() || next_part(csv, '\n') != header) return std::nullopt;
  Timeline timeline{.interval = interval, .series = {}};
  while (!csv.empty()) {
    std::string_view line = next_part(csv, '\n');
    const auto seconds = exact_number(next_part(line, ','));
    const std::string_view metric = next_part(line, ',');
    const auto value = exact_number(next_part(line, ','));
    if (!seconds || metric.empty() || !value) return std::nullopt;
    const auto index = index_of(*seconds, interval);
    if (!index) return std::nullopt;
    timeline.set(std::string(metric), *index, *value, line);
  }
  return timeline;
}

}  // namespace peerbed::analysis
