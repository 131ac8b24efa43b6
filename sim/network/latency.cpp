#include "sim/network/latency.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/random/exact_math.h"

namespace peerbed::sim {

namespace {

constexpr Duration shortest_latency{1};

double in_nanoseconds(Duration duration) noexcept { return static_cast<double>(duration.count()); }

void require_latency(Duration duration, const char* name) {
  if (duration < Duration::zero() || duration > LatencyModel::longest_latency)
    throw std::invalid_argument(std::string("latency: ") + name + " is between 0 and 24 h");
}

double distance(const PlanePoint& a, const PlanePoint& b) noexcept {
  const double x = a.x - b.x;
  const double y = a.y - b.y;
  return exact::sqrt(x * x + y * y);
}

}  // namespace

LatencyModel::LatencyModel(Form form) noexcept : fixed_(Duration::zero()), form_(std::move(form)) {
  if (const auto* constant = std::get_if<Constant>(&form_)) fixed_ = std::max(constant->latency, shortest_latency);
}

LatencyModel LatencyModel::constant(Duration latency) {
  require_latency(latency, "a constant");
  return LatencyModel(Constant{latency});
}

LatencyModel LatencyModel::uniform(Duration low, Duration high) {
  require_latency(low, "low");
  require_latency(high, "high");
  return distributed(Distribution::uniform(in_nanoseconds(low), in_nanoseconds(high)));
}

LatencyModel LatencyModel::normal(Duration mean, Duration deviation, Duration minimum) {
  require_latency(mean, "mean");
  require_latency(deviation, "deviation");
  require_latency(minimum, "minimum");
  return distributed(Distribution::normal(in_nanoseconds(mean), in_nanoseconds(deviation), in_nanoseconds(minimum)));
}

LatencyModel LatencyModel::log_normal(Duration median, double sigma, Duration minimum) {
  require_latency(median, "median");
  return distributed(Distribution::log_normal(in_nanoseconds(median), sigma), minimum);
}

LatencyModel LatencyModel::exponential(Duration minimum, Duration mean_above_minimum) {
  require_latency(mean_above_minimum, "mean");
  return distributed(Distribution::exponential(in_nanoseconds(mean_above_minimum)), minimum);
}

LatencyModel LatencyModel::distributed(const Distribution& distribution, Duration minimum) {
  require_latency(minimum, "minimum");
  if (distribution.minimum() < 0) throw std::invalid_argument("latency: a distribution must not go below 0");
  return LatencyModel(Distributed{distribution, minimum});
}

LatencyModel LatencyModel::matrix(std::shared_ptr<const DelayMatrix> delays, Duration within_site) {
  if (!delays || delays->size() == 0) throw std::invalid_argument("latency: a matrix needs at least one site");
  require_latency(within_site, "within_site");
  return LatencyModel(Matrix{std::move(delays), within_site});
}

LatencyModel LatencyModel::plane(std::shared_ptr<const std::vector<PlanePoint>> points, Duration base,
                                 Duration per_unit) {
  if (!points || points->empty()) throw std::invalid_argument("latency: a plane needs at least one point");
  for (const PlanePoint& point : *points)
    if (!std::isfinite(point.x) || !std::isfinite(point.y))
      throw std::invalid_argument("latency: the coordinates of a point must be finite");
  require_latency(base, "base");
  require_latency(per_unit, "per_unit");
  return LatencyModel(Plane{std::move(points), base, per_unit});
}

LatencyModel LatencyModel::with_jitter(const Distribution& jitter) const {
  LatencyModel model = *this;
  model.fixed_ = Duration::zero();
  model.jitter_ = jitter;
  return model;
}

double LatencyModel::without_jitter(SiteIndex from, SiteIndex to, KeyedStream& draws) const noexcept {
  struct Sampler {
    SiteIndex from, to;
    KeyedStream& draws;
    double operator()(const Constant& form) const noexcept { return in_nanoseconds(form.latency); }
    double operator()(const Distributed& form) const noexcept {
      return in_nanoseconds(form.minimum) + form.distribution.sample(draws);
    }
    double operator()(const Matrix& form) const noexcept {
      const Duration delay = (*form.delays)(from, to);
      return in_nanoseconds(delay == Duration::zero() ? form.within_site : delay);
    }
    double operator()(const Plane& form) const noexcept {
      PEERBED_CONTRACT(from < form.points->size() && to < form.points->size(), "a site is one of the plane's points");
      return in_nanoseconds(form.base) +
             distance((*form.points)[from], (*form.points)[to]) * in_nanoseconds(form.per_unit);
    }
  };
  return std::visit(Sampler{from, to, draws}, form_);
}

Duration LatencyModel::sample_varying(SiteIndex from, SiteIndex to, KeyedStream& draws) const noexcept {
  double latency = without_jitter(from, to, draws);
  if (jitter_) latency += jitter_->sample(draws);
  return std::max(round_up(latency), shortest_latency);
}

Duration LatencyModel::minimum() const noexcept {
  struct Minimum {
    double operator()(const Constant& form) const noexcept { return in_nanoseconds(form.latency); }
    double operator()(const Distributed& form) const noexcept {
      return in_nanoseconds(form.minimum) + form.distribution.minimum();
    }
    double operator()(const Matrix& form) const noexcept { return in_nanoseconds(smallest_delay(form)); }
    double operator()(const Plane& form) const noexcept { return in_nanoseconds(form.base); }

    static Duration smallest_delay(const Matrix& form) noexcept {
      Duration smallest = longest_latency;
      for (SiteIndex from = 0; from < form.delays->size(); ++from)
        for (SiteIndex to = 0; to < form.delays->size(); ++to) {
          const Duration delay = (*form.delays)(from, to);
          smallest = std::min(smallest, delay == Duration::zero() ? form.within_site : delay);
        }
      return smallest;
    }
  };
  double minimum = std::visit(Minimum{}, form_);
  if (jitter_) minimum += jitter_->minimum();
  return std::max(round_up(minimum), shortest_latency);
}

Duration LatencyModel::minimum(SiteIndex from, SiteIndex to) const noexcept {
  if (site_count() == 0) return minimum();  // other latencies than those between sites are the same everywhere
  KeyedStream none(0);
  double minimum = without_jitter(from, to, none);
  if (jitter_) minimum += jitter_->minimum();
  return std::max(round_up(minimum), shortest_latency);
}

std::size_t LatencyModel::site_count() const noexcept {
  if (const auto* matrix = std::get_if<Matrix>(&form_)) return matrix->delays->size();
  if (const auto* plane = std::get_if<Plane>(&form_)) return plane->points->size();
  return 0;
}

std::span<const std::string> LatencyModel::site_names() const noexcept {
  const auto* matrix = std::get_if<Matrix>(&form_);
  return matrix == nullptr ? std::span<const std::string>() : std::span(matrix->delays->names());
}

std::optional<Duration> LatencyModel::median_between_sites() const {
  const auto* matrix = std::get_if<Matrix>(&form_);
  if (matrix == nullptr || matrix->delays->size() < 2) return std::nullopt;
  const DelayMatrix& delays = *matrix->delays;
  std::vector<std::int64_t> between;
  between.reserve(delays.size() * (delays.size() - 1));
  for (SiteIndex from = 0; from < delays.size(); ++from)
    for (SiteIndex to = 0; to < delays.size(); ++to)
      if (from != to) between.push_back(delays(from, to).count());
  const auto middle = between.begin() + static_cast<std::ptrdiff_t>(between.size() / 2);
  std::nth_element(between.begin(), middle, between.end());
  return Duration{*middle};
}

}  // namespace peerbed::sim
