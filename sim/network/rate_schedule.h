#pragma once
// A link's rate as it changes over time, in steps: measured traces of mobile and satellite links, and schedules that a
// scenario writes down.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocols/environment/time.h"
#include "sim/core/types.h"

namespace peerbed::sim {

class RateSchedule {
 public:
  static constexpr std::size_t maximum_steps = 10'000'000;
  static constexpr std::uint64_t highest_rate = 1'000'000'000'000'000;  // bits a second

  // From `from` on, since the start of the run, the rate is `rate`; zero sends nothing.
  struct Step {
    Duration from{};
    Rate rate;
  };

  // The first step is at 0, and later ones follow in order. After `period`, which is later than the last step, it
  // begins again; with a period of zero, the last step lasts. Throws std::invalid_argument, with a sentence, for steps
  // out of order, a rate above highest_rate, or a link that some day sends nothing for ever.
  RateSchedule(std::vector<Step> steps, Duration period);

  // From `from` on, a link has this rate, which is above zero; without one, that of its schedule.
  struct Change {
    Duration from{};
    std::optional<Rate> rate;
  };
  // A schedule under which the rate changes at these times, which are in order.
  RateSchedule(std::shared_ptr<const RateSchedule> usual, const std::vector<Change>& changes);

  Rate at(Time time) const noexcept;
  // The next time after `time`, since the start, at which the rate may change; Duration::max() if it never does again.
  Duration next_change(Duration time) const noexcept;
  // When a wire that begins at `begin` has sent this many bytes, rounded up to whole nanoseconds.
  Time finish(Time begin, std::uint64_t bytes) const noexcept;
  // How many whole bytes the wire can send from `from` to `to`.
  std::uint64_t bytes_between(Time from, Time to) const noexcept;
  // The mean rate of a period, or the last rate if nothing repeats; at least 1 bit a second. Without the changes.
  Rate mean() const noexcept;

 private:
  __extension__ using Work = unsigned __int128;  // bits a second times nanoseconds

  // A stretch of time at the usual rate, or at another.
  struct Stretch {
    Time from;
    Work done = 0;  // before it
    Rate rate;      // zero: the usual one
  };

  // What the wire can send until `time`.
  Work until(Time time) const noexcept;
  // When it has sent that much, which is more than nothing.
  Time when(Work wanted) const noexcept;
  const Stretch& stretch_at(Time time) const noexcept;
  std::size_t step_at(Duration within) const noexcept;

  std::vector<Step> steps_;
  std::vector<Work> done_;  // before each step
  Duration period_;         // zero: none
  Work per_period_ = 0;
  std::shared_ptr<const RateSchedule> usual_;  // in place of the steps, if there are changes
  std::vector<Stretch> stretches_;             // the first is the usual one, from the start
};

// Mahimahi's packet-delivery traces (Netravali et al. 2015): on each line a time in whole milliseconds, in order, at
// which 1500 bytes can leave; the trace repeats after its last time. Opportunities of a millisecond become its rate.
// Throws std::runtime_error with one sentence that names file and line.
RateSchedule load_mahimahi(const std::string& path);

// Lines of "time,rate", separated by commas, semicolons, tabs or blanks: from that time on, in seconds, the link has
// that rate. A rate may have a unit (attribute_units.h); otherwise it counts `rate_unit` bits a second, or the unit in
// its title, or bits a second, which are refused if so low a rate is rarely meant. A first line of titles may name the
// columns; then there may be others, in any order. Times are counted from the first one. The trace repeats, a step as
// long as the one before it after the last time. Throws std::runtime_error with one sentence that names file and line.
RateSchedule load_rate_table(const std::string& path, std::optional<double> rate_unit = {});

}  // namespace peerbed::sim
