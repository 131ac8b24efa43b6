#include "sim/random/distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "sim/random/exact_math.h"

namespace peerbed::sim {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void require(bool condition, const char* promise) {
  if (!condition) throw std::invalid_argument(std::string("distribution: ") + promise);
}

// Uniform in (0, 1], for logarithms and negative powers.
double positive_unit(KeyedStream& draws) noexcept { return 1 - draws.unit(); }

// Uniform in (0, 1) and symmetric about 1/2; 52 bits, since adding half a step must still give a double.
double open_unit(KeyedStream& draws) noexcept { return (static_cast<double>(draws.next() >> 12) + 0.5) * 0x1p-52; }

// No less than -8.21, the quantile of the least open_unit().
constexpr double least_normal = -8.3;
double standard_normal(KeyedStream& draws) noexcept { return exact::normal_quantile(open_unit(draws)); }

// Samples the gamma distribution of scale 1, by rejection; a shape below 1 is made from the one above it (Marsaglia and
// Tsang 2000).
double gamma_sample(double shape, KeyedStream& draws) noexcept {
  if (shape < 1) {
    const double part = exact::pow(positive_unit(draws), 1 / shape);
    return part * gamma_sample(shape + 1, draws);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / exact::sqrt(9 * d);
  for (;;) {
    const double normal = standard_normal(draws);
    const double root = 1 + c * normal;
    const double cube = root * root * root;
    const double unit = positive_unit(draws);
    if (root > 0 && exact::log(unit) < normal * normal / 2 + d - d * cube + d * exact::log(cube)) return d * cube;
  }
}

struct Sampler {
  KeyedStream& draws;

  double operator()(const Distribution::Constant& form) const noexcept { return form.value; }
  double operator()(const Distribution::Uniform& form) const noexcept {
    return form.low + (form.high - form.low) * draws.unit();
  }
  double operator()(const Distribution::Exponential& form) const noexcept {
    return form.mean * -exact::log(positive_unit(draws));
  }
  double operator()(const Distribution::Weibull& form) const noexcept {
    return form.scale * exact::pow(-exact::log(positive_unit(draws)), 1 / form.shape);
  }
  double operator()(const Distribution::Pareto& form) const noexcept {
    return form.minimum * exact::pow(positive_unit(draws), -1 / form.shape);
  }
  double operator()(const Distribution::Lomax& form) const noexcept {
    return form.scale * (exact::pow(positive_unit(draws), -1 / form.shape) - 1);
  }
  double operator()(const Distribution::LogNormal& form) const noexcept {
    return form.median * exact::exp(form.sigma * standard_normal(draws));
  }
  // At least half of the tries succeed, since the minimum is not above the mean.
  double operator()(const Distribution::Normal& form) const noexcept {
    double value = form.mean + form.deviation * standard_normal(draws);
    while (value < form.minimum) value = form.mean + form.deviation * standard_normal(draws);
    return value;
  }
};

struct LengthBiasedSampler {
  KeyedStream& draws;

  double operator()(const Distribution::Constant& form) const noexcept { return form.value; }
  double operator()(const Distribution::Uniform& form) const noexcept {
    const double low_square = form.low * form.low;
    return exact::sqrt(low_square + (form.high * form.high - low_square) * draws.unit());
  }
  double operator()(const Distribution::Exponential& form) const noexcept { return form.mean * gamma_sample(2, draws); }
  // With y = (x / scale)^shape, the density x f(x) becomes y^(1/shape) e^-y.
  double operator()(const Distribution::Weibull& form) const noexcept {
    return form.scale * exact::pow(gamma_sample(1 + 1 / form.shape, draws), 1 / form.shape);
  }
  double operator()(const Distribution::Pareto& form) const noexcept {
    return form.minimum * exact::pow(positive_unit(draws), -1 / (form.shape - 1));
  }
  // x / scale has a beta prime distribution of (1, shape), and in proportion to its size one of (2, shape - 1): a ratio
  // of gamma samples.
  double operator()(const Distribution::Lomax& form) const noexcept {
    const double above = gamma_sample(2, draws);
    return form.scale * above / gamma_sample(form.shape - 1, draws);
  }
  double operator()(const Distribution::LogNormal& form) const noexcept {
    return form.median * exact::exp(form.sigma * form.sigma + form.sigma * standard_normal(draws));
  }
  // By rejection below a bound that one sample in 10^18 exceeds.
  double operator()(const Distribution::Normal& form) const noexcept {
    const double bound = form.mean + 9 * form.deviation;
    for (;;) {
      const double value = Sampler{draws}(form);
      if (draws.unit() * bound < value) return value;
    }
  }
};

struct Mean {
  double operator()(const Distribution::Constant& form) const noexcept { return form.value; }
  double operator()(const Distribution::Uniform& form) const noexcept { return form.low / 2 + form.high / 2; }
  double operator()(const Distribution::Exponential& form) const noexcept { return form.mean; }
  double operator()(const Distribution::Weibull& form) const noexcept {
    return form.scale * exact::gamma(1 + 1 / form.shape);
  }
  double operator()(const Distribution::Pareto& form) const noexcept {
    return form.shape > 1 ? form.minimum * (form.shape / (form.shape - 1)) : infinity;
  }
  double operator()(const Distribution::Lomax& form) const noexcept {
    return form.shape > 1 ? form.scale / (form.shape - 1) : infinity;
  }
  double operator()(const Distribution::LogNormal& form) const noexcept {
    return form.median * exact::exp(form.sigma * form.sigma / 2);
  }
  double operator()(const Distribution::Normal& form) const noexcept {
    if (form.deviation == 0) return form.mean;
    const double cut = (form.minimum - form.mean) / form.deviation;
    const double density_at_cut = exact::exp(-cut * cut / 2) / exact::sqrt(2 * exact::pi);
    return form.mean + form.deviation * density_at_cut / exact::normal_cumulative(-cut);
  }
};

struct Minimum {
  double operator()(const Distribution::Constant& form) const noexcept { return form.value; }
  double operator()(const Distribution::Uniform& form) const noexcept { return form.low; }
  double operator()(const Distribution::Pareto& form) const noexcept { return form.minimum; }
  double operator()(const Distribution::Normal& form) const noexcept {
    return form.deviation == 0 ? form.mean : std::max(form.minimum, form.mean + form.deviation * least_normal);
  }
  double operator()(const Distribution::LogNormal& form) const noexcept {
    return form.median * exact::exp(form.sigma * least_normal);
  }
  template <class Other>
  double operator()(const Other&) const noexcept {
    return 0;
  }
};

}  // namespace

Distribution Distribution::constant(double value) {
  require(std::isfinite(value), "a constant must be finite");
  return Distribution(Constant{value});
}

Distribution Distribution::uniform(double low, double high) {
  require(std::isfinite(low) && std::isfinite(high) && low <= high, "a uniform range needs finite low <= high");
  return Distribution(Uniform{low, high});
}

Distribution Distribution::exponential(double mean) {
  require(std::isfinite(mean) && mean > 0, "an exponential mean must be finite and above 0");
  return Distribution(Exponential{mean});
}

Distribution Distribution::weibull(double shape, double scale) {
  require(std::isfinite(shape) && shape > 0, "a Weibull shape must be finite and above 0");
  require(std::isfinite(scale) && scale > 0, "a Weibull scale must be finite and above 0");
  return Distribution(Weibull{shape, scale});
}

Distribution Distribution::pareto(double shape, double minimum) {
  require(std::isfinite(shape) && shape > 0, "a Pareto shape must be finite and above 0");
  require(std::isfinite(minimum) && minimum > 0, "a Pareto minimum must be finite and above 0");
  return Distribution(Pareto{shape, minimum});
}

Distribution Distribution::lomax(double shape, double scale) {
  require(std::isfinite(shape) && shape > 0, "a Lomax shape must be finite and above 0");
  require(std::isfinite(scale) && scale > 0, "a Lomax scale must be finite and above 0");
  return Distribution(Lomax{shape, scale});
}

Distribution Distribution::weibull_of_mean(double shape, double mean) {
  require(std::isfinite(mean) && mean > 0, "a Weibull mean must be finite and above 0");
  return weibull(shape, mean / weibull(shape, 1).mean());
}

Distribution Distribution::pareto_of_mean(double shape, double mean) {
  require(shape > 1, "a Pareto distribution has a mean only if its shape is above 1");
  return pareto(shape, mean * ((shape - 1) / shape));
}

Distribution Distribution::lomax_of_mean(double shape, double mean) {
  require(shape > 1, "a Lomax distribution has a mean only if its shape is above 1");
  return lomax(shape, mean * (shape - 1));
}

Distribution Distribution::log_normal(double median, double sigma) {
  require(std::isfinite(median) && median > 0, "a log-normal median must be finite and above 0");
  require(std::isfinite(sigma) && sigma >= 0, "a log-normal sigma must be finite and at least 0");
  return Distribution(LogNormal{median, sigma});
}

Distribution Distribution::normal(double mean, double deviation, double minimum) {
  require(std::isfinite(mean), "a normal mean must be finite");
  require(std::isfinite(deviation) && deviation >= 0, "a normal deviation must be finite and at least 0");
  require(std::isfinite(minimum) && minimum <= mean, "a normal minimum must be finite and not above the mean");
  return Distribution(Normal{mean, deviation, minimum});
}

double Distribution::sample(KeyedStream& draws) const noexcept { return std::visit(Sampler{draws}, form_); }

double Distribution::sample_length_biased(KeyedStream& draws) const noexcept {
  const double average = mean();
  if (!(minimum() >= 0 && average > 0 && average < infinity)) return std::numeric_limits<double>::quiet_NaN();
  return std::visit(LengthBiasedSampler{draws}, form_);
}

double Distribution::mean() const noexcept { return std::visit(Mean{}, form_); }

double Distribution::minimum() const noexcept { return std::visit(Minimum{}, form_); }

Duration round_up(double nanoseconds) noexcept {
  if (nanoseconds <= 0) return Duration{0};
  if (!(nanoseconds < static_cast<double>(longest_duration.count()))) return longest_duration;
  const auto whole = static_cast<std::int64_t>(nanoseconds);
  return Duration{whole + (static_cast<double>(whole) < nanoseconds ? 1 : 0)};
}

}  // namespace peerbed::sim
