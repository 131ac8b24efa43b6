#pragma once
// The results of a sweep as plain data: one scenario at several points (values of its parameters), each run with
// several seeds. What one seed has at two points, or in two sweeps, are pairs: chance drew alike for both.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/statistics/histogram.h"
#include "analysis/statistics/metrics.h"

namespace peerbed::analysis {

struct SweepHeader {
  std::string scenario;
  std::string scenario_digest;
  std::string version;                  // of the program
  std::vector<std::string> parameters;  // names of what differs between points
};

// One run of a sweep.
struct UnitResult {
  std::vector<std::string> values{};  // of the parameters, in their order
  std::uint64_t seed = 0;
  std::string digest{};
  std::uint64_t events = 0;
  bool good = false;  // all expectations held
  Metrics metrics{};
  Distributions distributions{};
};

// Takes the runs of a sweep one by one, point by point and in the order of seeds.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void add(const UnitResult& unit) = 0;
  // What was added is complete. Throws std::runtime_error when it could not be kept.
  virtual void close() {}
};

// A metric's values at one point, by seed.
using Samples = std::map<std::uint64_t, double>;

struct MetricSamples {
  Unit unit = Unit::none;
  Better better = Better::neither;
  std::vector<Samples> by_point;  // as many as there are points
};

class SweepResults final : public ResultSink {
 public:
  explicit SweepResults(SweepHeader header) : header_(std::move(header)) {}
  void add(const UnitResult& unit) override;
  // All values of a quantity at a point, whatever the seed, may be added as well.
  void add_distribution(std::size_t point, const std::string& quantity, std::vector<Bar> bars);

  const SweepHeader& header() const noexcept { return header_; }
  // Values of the parameters, in the order of appearance.
  const std::vector<std::vector<std::string>>& points() const noexcept { return points_; }
  std::optional<std::size_t> find_point(const std::vector<std::string>& values) const;
  std::size_t point_of(const std::vector<std::string>& values);  // a new one when it is not there
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

// The column that a parameter has in tables of results: its name, or "parameter.NAME" where another column has that.
std::string column_of(const std::string& parameter);

// The values alone, in the order of seeds.
std::vector<double> values_of(const Samples& samples);
// b - a where both have the seed, in the order of seeds.
std::vector<double> paired_differences(const Samples& a, const Samples& b);

}  // namespace peerbed::analysis
