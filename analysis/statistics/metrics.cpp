#include "analysis/statistics/metrics.h"

namespace peerbed::analysis {

void Metrics::set_distribution(const std::string& name, const Histogram& histogram, Unit unit, Better better) {
  if (!is_quantity(unit)) return;
  if (unit == Unit::flag) {
    if (histogram.count() > 0) set(name + ".share", histogram.mean(), Unit::flag, better);
    return;
  }
  if (histogram.count() == 0) return;  // there is no mean
  set(name + ".mean", histogram.mean(), unit, better);
  set(name + ".deviation", histogram.standard_deviation(), unit);
  set(name + ".p50", histogram.percentile(0.50), unit, better);
  set(name + ".p90", histogram.percentile(0.90), unit, better);
  set(name + ".p99", histogram.percentile(0.99), unit, better);
  set(name + ".max", histogram.maximum(), unit, better);
}

std::optional<Metric> Metrics::find(std::string_view name) const {
  const auto found = all_.find(name);
  if (found == all_.end()) return std::nullopt;
  return found->second;
}

}  // namespace peerbed::analysis
