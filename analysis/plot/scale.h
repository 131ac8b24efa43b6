#pragma once
// Axes: from values to places, the round numbers that are written beside them, and the unit in which these are written.

#include <string>
#include <vector>

#include "protocols/environment/trace.h"

namespace peerbed::analysis {

// In which unit an axis tells its values: so many of the metric's own are one of it.
struct Measure {
  double size = 1;
  std::string name{};  // "ms", "MiB", "%"; empty for plain numbers
};
// The one in which values up to `largest` are easy to read. A metric without a unit whose name ends with "_seconds" has
// seconds.
Measure measure_for(Unit unit, const std::string& metric, double largest);

struct Range {
  double low = 0;
  double high = 1;

  void include(double value) noexcept;
};

struct Tick {
  double value = 0;
  std::string text;
};

class Scale {
 public:
  // `values` is not empty: high > low, and low > 0 when it is logarithmic. They are shown from `begin` to `end`.
  Scale(Range values, bool is_logarithmic, double begin, double end);
  double place_of(double value) const noexcept;  // values beyond the range are put at its ends
  const Range& values() const noexcept { return values_; }
  bool is_logarithmic() const noexcept { return is_logarithmic_; }

 private:
  double part_of(double value) const noexcept;

  Range values_;
  bool is_logarithmic_;
  double begin_;
  double end_;
};

// A range around these values that begins and ends with round numbers in `measure`. With few values or one, it is not
// empty. A linear one begins with 0 when the least value is nearer to it than to the largest.
Range round_range(Range values, bool is_logarithmic, const Measure& measure);

// Round numbers within the range, about `most` or fewer.
std::vector<Tick> ticks(const Range& range, bool is_logarithmic, const Measure& measure, std::size_t most);

// A number as an axis or a bar has it: "1,024", "0.25", "1.5e-6".
std::string tick_text(double value);

}  // namespace peerbed::analysis
