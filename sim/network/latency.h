#pragma once
// How long a datagram travels between two sites, excluding the time on up-links and down-links: a constant, a
// distribution, a matrix of delays, or distances on a plane, plus jitter. A sample is rounded up once to whole
// nanoseconds, and is at least one: nothing arrives at the instant it is sent.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "protocols/environment/random.h"
#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/network/delay_matrix.h"
#include "sim/random/distribution.h"

namespace peerbed::sim {

struct PlanePoint {
  double x = 0;
  double y = 0;
};

// Between two hosts of one site that a matrix or a topology gives no delay for: one metropolitan network.
constexpr Duration default_delay_within_site{500'000};

// A small value; matrices and points are shared and never change. Each factory throws std::invalid_argument for
// parameters out of range: durations below zero or above longest_latency.
class LatencyModel {
 public:
  static constexpr Duration longest_latency = std::chrono::hours{24};

  LatencyModel() noexcept : LatencyModel(Constant{Duration{1}}) {}
  static LatencyModel constant(Duration latency);
  static LatencyModel uniform(Duration low, Duration high);
  static LatencyModel normal(Duration mean, Duration deviation, Duration minimum);  // truncated at the minimum
  static LatencyModel log_normal(Duration median, double sigma,
                                 Duration minimum = Duration::zero());  // the minimum is added
  static LatencyModel exponential(Duration minimum, Duration mean_above_minimum);
  // `minimum` plus a sample in nanoseconds.
  static LatencyModel distributed(const Distribution& distribution, Duration minimum = Duration::zero());
  // The matrix's delays, with `within_site` where it says zero.
  static LatencyModel matrix(std::shared_ptr<const DelayMatrix> delays,
                             Duration within_site = default_delay_within_site);
  // base + distance * per_unit for the Euclidean distance between two points; each site has one point.
  static LatencyModel plane(std::shared_ptr<const std::vector<PlanePoint>> points, Duration base, Duration per_unit);

  // The same model with a sample in nanoseconds added each time. Negative samples shorten the latency, to no less than
  // 1 ns.
  LatencyModel with_jitter(const Distribution& jitter) const;

  Duration sample(SiteIndex from, SiteIndex to, KeyedStream& draws) const noexcept {
    return fixed_ != Duration::zero() ? fixed_ : sample_varying(from, to, draws);
  }

  // Whether two samples between the same sites can differ.
  bool is_random() const noexcept {
    return fixed_ == Duration::zero() && (jitter_ || std::holds_alternative<Distributed>(form_));
  }
  // The latency if it never varies; it takes no draw. Zero if it varies.
  Duration fixed() const noexcept { return fixed_; }
  // A lower bound of all samples, or of those between two sites; at least 1 ns.
  Duration minimum() const noexcept;
  Duration minimum(SiteIndex from, SiteIndex to) const noexcept;
  // How many sites the model distinguishes; zero if it treats all sites alike.
  std::size_t site_count() const noexcept;
  // The names of the sites; empty if they have none.
  std::span<const std::string> site_names() const noexcept;
  // For a matrix, the median delay between different sites; nothing for other models or a single site.
  std::optional<Duration> median_between_sites() const;

 private:
  struct Constant {
    Duration latency;
  };
  struct Distributed {
    Distribution distribution;
    Duration minimum;
  };
  struct Matrix {
    std::shared_ptr<const DelayMatrix> delays;
    Duration within_site;
  };
  struct Plane {
    std::shared_ptr<const std::vector<PlanePoint>> points;
    Duration base;
    Duration per_unit;
  };
  using Form = std::variant<Constant, Distributed, Matrix, Plane>;

  explicit LatencyModel(Form form) noexcept;
  double without_jitter(SiteIndex from, SiteIndex to, KeyedStream& draws) const noexcept;  // nanoseconds
  Duration sample_varying(SiteIndex from, SiteIndex to, KeyedStream& draws) const noexcept;

  Duration fixed_;  // the latency if it never varies, else zero
  Form form_;
  std::optional<Distribution> jitter_;
};

}  // namespace peerbed::sim
