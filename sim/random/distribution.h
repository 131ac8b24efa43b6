#pragma once
// Random quantities: a small value that describes a distribution and draws from a keyed stream, with the same bits on
// every machine. For durations, parameters and samples are in nanoseconds.

#include <variant>

#include "protocols/environment/random.h"
#include "protocols/environment/time.h"

namespace peerbed::sim {

class Distribution {
 public:
  struct Constant {
    double value;
    friend bool operator==(const Constant&, const Constant&) = default;
  };
  struct Uniform {
    double low, high;
    friend bool operator==(const Uniform&, const Uniform&) = default;
  };
  struct Exponential {
    double mean;
    friend bool operator==(const Exponential&, const Exponential&) = default;
  };
  struct Weibull {
    double shape, scale;
    friend bool operator==(const Weibull&, const Weibull&) = default;
  };
  struct Pareto {
    double shape, minimum;
    friend bool operator==(const Pareto&, const Pareto&) = default;
  };
  struct Lomax {
    double shape, scale;
    friend bool operator==(const Lomax&, const Lomax&) = default;
  };
  struct LogNormal {
    double median, sigma;
    friend bool operator==(const LogNormal&, const LogNormal&) = default;
  };
  struct Normal {
    double mean, deviation, minimum;
    friend bool operator==(const Normal&, const Normal&) = default;
  };
  using Form = std::variant<Constant, Uniform, Exponential, Weibull, Pareto, Lomax, LogNormal, Normal>;

  Distribution() noexcept : Distribution(Form{Constant{0}}) {}

  // Each throws std::invalid_argument, naming the parameter, unless all are finite and within the stated range.
  static Distribution constant(double value);
  static Distribution uniform(double low, double high);         // low <= high; [low, high)
  static Distribution exponential(double mean);                 // mean > 0
  static Distribution weibull(double shape, double scale);      // both > 0: P(X > x) = exp(-(x/scale)^shape)
  static Distribution pareto(double shape, double minimum);     // both > 0: P(X > x) = (minimum/x)^shape
  static Distribution lomax(double shape, double scale);        // both > 0: P(X > x) = (1 + x/scale)^-shape
  static Distribution log_normal(double median, double sigma);  // median > 0, sigma >= 0 of the natural logarithm
  // The distributions of these shapes that have this mean; the shape of a Pareto or Lomax distribution is above 1.
  static Distribution weibull_of_mean(double shape, double mean);
  static Distribution pareto_of_mean(double shape, double mean);
  static Distribution lomax_of_mean(double shape, double mean);
  // A normal distribution truncated below the minimum (lower samples are drawn again); minimum <= mean, deviation >= 0.
  // Truncation raises the mean, which mean() takes into account.
  static Distribution normal(double mean, double deviation, double minimum = 0);

  double sample(KeyedStream& draws) const noexcept;

  // For a non-negative quantity: a sample with a probability proportional to its size. For session lengths, this is the
  // length of a session that an observer finds under way at a random instant; on average it is longer. Needs a finite
  // mean() above 0; NaN otherwise.
  double sample_length_biased(KeyedStream& draws) const noexcept;

  // Infinite for a Pareto or Lomax distribution of a shape <= 1, and if the mean exceeds a double.
  double mean() const noexcept;
  // A lower bound of all samples.
  double minimum() const noexcept;

  const Form& form() const noexcept { return form_; }
  friend bool operator==(const Distribution&, const Distribution&) = default;

 private:
  explicit Distribution(const Form& form) noexcept : form_(form) {}

  Form form_;
};

// The longest duration that a sample can give: some 146 years. Longer samples, even infinite ones, are capped at it.
constexpr Duration longest_duration{std::int64_t{1} << 62};

// Whole nanoseconds, rounded up, within [0, longest_duration]. NaN becomes longest_duration.
Duration round_up(double nanoseconds) noexcept;

}  // namespace peerbed::sim
