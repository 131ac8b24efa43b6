#pragma once
// Named numbers, the result of a run. A metric has a lower-case name with dots ("lookup.done.hops.mean"), a value and a
// unit. Names are unique and sorted, so that two runs can be compared side by side.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/statistics/histogram.h"
#include "protocols/environment/trace.h"

namespace peerbed::analysis {

struct Metric {
  double value = 0;
  Unit unit = Unit::none;
  Better better = Better::neither;
};

class Metrics {
 public:
  void set(const std::string& name, const Metric& metric) { all_[name] = metric; }
  void set(const std::string& name, double value, Unit unit = Unit::none, Better better = Better::neither) {
    all_[name] = {value, unit, better};
  }
  void set(const std::string& name, std::uint64_t value, Unit unit = Unit::count, Better better = Better::neither) {
    all_[name] = {static_cast<double>(value), unit, better};
  }
  // NAME.mean, .deviation, .p50, .p90, .p99, .max; for a flag NAME.share, the share of values that are not 0.
  void set_distribution(const std::string& name, const Histogram& histogram, Unit unit,
                        Better better = Better::neither);

  std::optional<Metric> find(std::string_view name) const;
  const std::map<std::string, Metric, std::less<>>& all() const noexcept { return all_; }

 private:
  std::map<std::string, Metric, std::less<>> all_;
};

}  // namespace peerbed::analysis
