#pragma once
// The results of a sweep as plain data: one scenario at several points (values of its parameters), each run with
// several seeds. The values of one seed at two points, or in two sweeps, are pairs, because both runs had the same
// random draws.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/results/link_table.h"
#include "analysis/statistics/histogram.h"
#include "analysis/statistics/metrics.h"

namespace peerbed::analysis {

struct SweepHeader {
  std::string scenario;
  std::string scenario_digest;
  std::string version;                  // of the program
  std::vector<std::string> parameters;  // names of the parameters that differ between points
};

// One run of a sweep.
struct UnitResult {
  std::vector<std::string> values{};  // of the parameters, in order
  std::uint64_t seed = 0;
  std::string digest{};
  std::uint64_t events = 0;
  bool good = false;  // all expectations held
  Metrics metrics{};
  Distributions distributions{};
  std::optional<LinkTable> links{};  // of the whole run, if they were recorded
};

// Receives the runs of a sweep one by one, point by point and in the order of seeds.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void add(const UnitResult& unit) = 0;
  // All runs have been added. Throws std::runtime_error if they could not be stored.
  virtual void close() {}
};

// A metric's values at one point, by seed.
using Samples = std::map<std::uint64_t, double>;

struct MetricSamples {
  Unit unit = Unit::none;
  Better better = Better::neither;
  std::vector<Samples> by_point;  // one per point
};

class SweepResults final : public ResultSink {
 public:
  explicit SweepResults(SweepHeader header) : header_(std::move(header)) {}
  void add(const UnitResult& unit) override;
  // All values of a quantity at a point, over all seeds, may be added as well.
  void add_distribution(std::size_t point, const std::string& quantity, std::vector<Bar> bars);

  const SweepHeader& header() const noexcept { return header_; }
  // Values of the parameters, in order of appearance.
  const std::vector<std::vector<std::string>>& points() const noexcept { return points_; }
  std::optional<std::size_t> find_point(const std::vector<std::string>& values) const;
  std::size_t point_of(const std::vector<std::string>& values);  // adds the point if it is new
  const std::map<std::string, MetricSamples, std::less<>>& metrics() const noexcept { return metrics_; }
  const std::vector<Distributions>& distributions() const noexcept { return distributions_; }  // by point
  // Digests of runs, by point and seed.
  const std::map<std::pair<std::size_t, std::uint64_t>, std::string>& digests() const noexcept { return digests_; }

 private:
  SweepHeader header_;
  std::vector<std::vector<std::string>> points_;
  std::map<std::string, MetricSamples, std::less<>> metrics_;
  std::vector<Distributions> distributions_;
  std::map<std::pair<std::size_t, std::uint64_t>, std::string> digests_;
};

// The column of a parameter in result tables: its name, or "parameter.NAME" if another column has that name.
std::string column_of(const std::string& parameter);

// Only the values, in the order of seeds.
std::vector<double> values_of(const Samples& samples);
// b - a for the seeds that both have, in order.
std::vector<double> paired_differences(const Samples& a, const Samples& b);

}  // namespace peerbed::analysis
