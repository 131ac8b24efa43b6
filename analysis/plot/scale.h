#pragma once
// Axes: mapping values to coordinates, the round numbers written beside them, and the unit that these are written in.

#include <string>
#include <vector>

#include "protocols/environment/trace.h"

namespace peerbed::analysis {

// The unit in which an axis shows its values, and its size in the metric's own unit.
struct Measure {
  double size = 1;
  std::string name{};  // "ms", "MiB", "%"; empty for plain numbers
};
// The unit in which values up to `largest` are easiest to read. A metric without a unit whose name ends with "_seconds"
// is in seconds.
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
  // `values` must have high > low, and low > 0 if the scale is logarithmic. They are shown from `begin` to `end`.
  Scale(Range values, bool is_logarithmic, double begin, double end);
  double position_of(double value) const noexcept;  // values outside the range are put at its ends
  const Range& values() const noexcept { return values_; }
  bool is_logarithmic() const noexcept { return is_logarithmic_; }

 private:
  double part_of(double value) const noexcept;

  Range values_;
  bool is_logarithmic_;
  double begin_;
  double end_;
};

// A range around these values that begins and ends with round numbers in `measure`. It is not empty, even for a single
// value. A linear one begins with 0 if the least value is closer to 0 than to the largest value.
Range round_range(Range values, bool is_logarithmic, const Measure& measure);

// Round numbers within the range, at most about `most`.
std::vector<Tick> ticks(const Range& range, bool is_logarithmic, const Measure& measure, std::size_t most);

// A number as axes and bars show it: "1,024", "0.25", "1.5e-6".
std::string tick_text(double value);

}  // namespace peerbed::analysis
