#include "scenarios/record/interval_meter.h"

#include <algorithm>

#include "analysis/statistics/metric_words.h"

namespace peerbed::scenarios {
namespace {

using analysis::word_of;

// Counters of what was sent, and what became of it.
bool is_traffic(std::string_view name) {
  return name.starts_with("message.") || name.starts_with("messages.") || name.starts_with("streams.") ||
         name == "events";
}

bool is_all_zero(const analysis::TimeSeries& series) {
  return std::all_of(series.values.begin(), series.values.end(), [](const auto& value) { return value == 0.0; });
}

}  // namespace

IntervalMeter::IntervalMeter(const Scenario& scenario, Duration interval)
    : scenario_(scenario), tally_(scenario), timeline_{.interval = interval, .series = {}} {}

void IntervalMeter::note_trace(NodeIndex node, std::uint16_t type, const TraceValues& values) {
  tally_.add(static_cast<std::size_t>(&scenario_.group_of(node) - scenario_.groups.data()), type, values);
}

void IntervalMeter::end_interval(const analysis::Metrics& totals) {
  for (const TraceTally::Table& table : tally_.tables())
    for (std::size_t type = 0; type < table.types.size(); ++type) write_traced(table.types[type], table.events[type]);
  tally_.clear();
  for (const auto& [name, total] : totals.all())
    if (is_traffic(name)) write_added(name, total);
  ++index_;
}

void IntervalMeter::write_traced(const TraceEventType& type, const TraceTally::Event& traced) {
  const std::string name(type.name);
  set(name + ".count", static_cast<double>(traced.count), word_of(Unit::count));
  if (traced.count == 0) return;
  for (std::size_t i = 0; i < type.field_count(); ++i) {
    const TraceField& field = type.fields[i];
    const analysis::Histogram& values = traced.fields[i];
    if (values.count() == 0 || field.unit == Unit::none) continue;
    const std::string whole = name + "." + std::string(field.name);
    if (field.unit == Unit::flag) {
      set(whole + ".share", values.mean(), word_of(Unit::flag));
      continue;
    }
    set(whole + ".mean", values.mean(), word_of(field.unit));
    set(whole + ".p99", static_cast<double>(values.percentile(0.99)), word_of(field.unit));
  }
}

void IntervalMeter::write_added(const std::string& name, const analysis::Metric& total) {
  double& before = totals_[name];
  set(name, total.value - before, word_of(total.unit));
  before = total.value;
}

analysis::Timeline IntervalMeter::timeline() const {
  analysis::Timeline timeline = timeline_;
  std::erase_if(timeline.series, [](const auto& entry) {
    const bool counts = entry.second.unit == word_of(Unit::count) || entry.second.unit == word_of(Unit::bytes);
    return counts && !entry.first.ends_with(".mean") && !entry.first.ends_with(".p99") && is_all_zero(entry.second);
  });
  return timeline;
}

}  // namespace peerbed::scenarios
