#include "sim/network/rate_schedule.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "protocols/environment/contract.h"
#include "sim/core/text_file.h"
#include "sim/network/attribute_units.h"
#include "sim/network/csv_shape.h"
#include "sim/random/distribution.h"

namespace peerbed::sim {

namespace {

constexpr std::uint64_t work_per_byte = 8'000'000'000;  // bits per byte times nanoseconds per second
constexpr double longest_trace_in_seconds = 1e9;

std::uint64_t nanoseconds(Duration duration) noexcept { return static_cast<std::uint64_t>(duration.count()); }

}  // namespace

RateSchedule::RateSchedule(std::vector<Step> steps, Duration period) : steps_(std::move(steps)), period_(period) {
  const auto require = [](bool holds, const char* sentence) {
    if (!holds) throw std::invalid_argument(sentence);
  };
  require(!steps_.empty() && steps_.front().from == Duration::zero(), "the first rate must be that at 0s");
  require(steps_.size() <= maximum_steps, "a schedule of rates has at most ten million steps");
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    require(i == 0 || steps_[i].from > steps_[i - 1].from, "the times of rates must be in order");
    require(steps_[i].rate.bits_per_second <= highest_rate, "a rate is at most 1000 Tbit/s");
    done_.push_back(i == 0 ? 0
                           : done_.back() + Work{steps_[i - 1].rate.bits_per_second} *
                                                nanoseconds(steps_[i].from - steps_[i - 1].from));
  }
  const Step& last = steps_.back();
  const bool repeats = period_ != Duration::zero();
  require(repeats || last.rate.bits_per_second > 0, "the last rate must be above 0, or the schedule must repeat");
  if (!repeats) return;
  require(period_ > last.from, "a schedule repeats after its last step");
  per_period_ = done_.back() + Work{last.rate.bits_per_second} * nanoseconds(period_ - last.from);
  require(per_period_ > 0, "some rate must be above 0");
}

RateSchedule::RateSchedule(std::shared_ptr<const RateSchedule> usual, const std::vector<Change>& changes)
    : usual_(std::move(usual)), stretches_{{time_zero, 0, {}}} {
  for (const Change& change : changes) {
    const Time from = time_zero + change.from;
    PEERBED_CONTRACT(from >= stretches_.back().from, "the changes of a rate are in order");
    const Work done = until(from);
    stretches_.push_back({from, done, change.rate.value_or(Rate{})});
  }
}

const RateSchedule::Stretch& RateSchedule::stretch_at(Time time) const noexcept {
  const auto after = std::upper_bound(stretches_.begin(), stretches_.end(), time,
                                      [](Time at, const Stretch& stretch) { return at < stretch.from; });
  return *std::prev(after);
}

std::size_t RateSchedule::step_at(Duration within) const noexcept {
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), within,
                                      [](Duration time, const Step& step) { return time < step.from; });
  return static_cast<std::size_t>(after - steps_.begin()) - 1;
}

Rate RateSchedule::at(Time time) const noexcept {
  if (usual_) {
    const Rate rate = stretch_at(time).rate;
    return rate == Rate{} ? usual_->at(time) : rate;
  }
  const Duration since = time.time_since_epoch();
  return steps_[step_at(period_ == Duration::zero() ? since : since % period_)].rate;
}

Duration RateSchedule::next_change(Duration time) const noexcept {
  if (usual_) {
    const auto after = std::upper_bound(stretches_.begin(), stretches_.end(), time_zero + time,
                                        [](Time at, const Stretch& stretch) { return at < stretch.from; });
    const Duration next = after == stretches_.end() ? Duration::max() : after->from.time_since_epoch();
    return std::prev(after)->rate == Rate{} ? std::min(next, usual_->next_change(time)) : next;
  }
  const Duration within = period_ == Duration::zero() ? time : time % period_;
  const std::size_t next = step_at(within) + 1;
  if (next < steps_.size()) return time - within + steps_[next].from;
  return period_ == Duration::zero() ? Duration::max() : time - within + period_;
}

RateSchedule::Work RateSchedule::until(Time time) const noexcept {
  if (usual_) {
    const Stretch& stretch = stretch_at(time);
    if (stretch.rate == Rate{}) return stretch.done + usual_->until(time) - usual_->until(stretch.from);
    return stretch.done + Work{stretch.rate.bits_per_second} * nanoseconds(time - stretch.from);
  }
  const Duration since = time.time_since_epoch();
  const Duration within = period_ == Duration::zero() ? since : since % period_;
  const Work periods = period_ == Duration::zero() ? 0 : nanoseconds(since) / nanoseconds(period_);
  const std::size_t step = step_at(within);
  return periods * per_period_ + done_[step] +
         Work{steps_[step].rate.bits_per_second} * nanoseconds(within - steps_[step].from);
}

Time RateSchedule::finish(Time begin, std::uint64_t bytes) const noexcept {
  return bytes == 0 ? begin : when(until(begin) + Work{bytes} * work_per_byte);
}

Time RateSchedule::when(Work wanted) const noexcept {
  if (usual_) {
    // The last stretch before which less was done; a wire that sends nothing for a while does not finish then.
    const auto after = std::lower_bound(stretches_.begin(), stretches_.end(), wanted,
                                        [](const Stretch& stretch, Work work) { return stretch.done < work; });
    const Stretch& stretch = *std::prev(after);
    const Work rest = wanted - stretch.done;
    if (stretch.rate == Rate{}) return usual_->when(usual_->until(stretch.from) + rest);
    return stretch.from + Duration(static_cast<std::int64_t>((rest + stretch.rate.bits_per_second - 1) /
                                                             stretch.rate.bits_per_second));
  }
  Duration before{};
  if (period_ != Duration::zero()) {
    const Work periods = (wanted - 1) / per_period_;
    wanted -= periods * per_period_;
    before = period_ * static_cast<std::int64_t>(periods);
  }
  // The last step before which less was done; it sends something, or the next would begin with as much.
  const auto after = std::lower_bound(done_.begin(), done_.end(), wanted);
  const auto step = static_cast<std::size_t>(after - done_.begin()) - 1;
  const Work rate = steps_[step].rate.bits_per_second;
  const Work rest = (wanted - done_[step] + rate - 1) / rate;
  return time_zero + before + steps_[step].from + Duration(static_cast<std::int64_t>(rest));
}

std::uint64_t RateSchedule::bytes_between(Time from, Time to) const noexcept {
  PEERBED_CONTRACT(from <= to, "time passes forward");
  return static_cast<std::uint64_t>((until(to) - until(from)) / work_per_byte);
}

Rate RateSchedule::mean() const noexcept {
  if (usual_) return usual_->mean();
  if (period_ == Duration::zero()) return steps_.back().rate;
  return {std::max<std::uint64_t>(static_cast<std::uint64_t>(per_period_ / nanoseconds(period_)), 1)};
}

RateSchedule load_mahimahi(const std::string& path) {
  constexpr std::uint64_t bits_per_millisecond = 1500 * 8 * 1000;  // of one opportunity, as a rate
  TextFile file(path);
  std::vector<RateSchedule::Step> steps;
  const auto add = [&](std::uint64_t millisecond, std::uint64_t rate) {
    const Duration from = std::chrono::milliseconds(millisecond);
    if (steps.empty() || steps.back().rate.bits_per_second != rate) steps.push_back({from, {rate}});
    if (steps.size() > RateSchedule::maximum_steps)
      file.fail("the trace has more than ten million changes of its rate");
  };
  std::uint64_t last = 0;
  std::uint64_t count = 0;  // of opportunities at `last`
  // An opportunity at a time is one of the millisecond that ends then; those at 0 are of the first one.
  const auto close = [&] { add(last == 0 ? 0 : last - 1, count * bits_per_millisecond); };
  while (file.next()) {
    if (!file.has_content()) continue;
    const auto words = file.words();
    const auto time = words.size() == 1 ? to_count(words[0]) : std::nullopt;
    if (!time || static_cast<double>(*time) > longest_trace_in_seconds * 1e3)
      file.fail("\"" + std::string(file.line()) + "\" is not a time; write whole milliseconds, one a line");
    const std::uint64_t millisecond = std::max<std::uint64_t>(*time, 1);
    if (millisecond < last) file.fail("the time is earlier than the one before it; give times in order");
    if (millisecond > last && count > 0) {
      close();
      count = 0;
    }
    if (millisecond > last + 1) add(last, 0);
    last = millisecond;
    ++count;
  }
  if (count == 0) file.fail("the trace has no times; give at least one");
  close();
  return RateSchedule(std::move(steps), std::chrono::milliseconds(last));
}

namespace {

// What the columns of a table of rates are, by its first line.
struct RateColumns {
  std::size_t time = 0;
  std::size_t rate = 1;
  std::size_t width = 2;
  double time_unit = 1;               // in seconds
  std::optional<double> rate_unit{};  // in bits a second

  explicit RateColumns(std::span<const std::string> titles) : width(titles.size()) {
    std::optional<std::size_t> named_time;
    std::optional<std::size_t> named_rate;
    for (std::size_t i = 0; i < titles.size(); ++i) {
      const auto is_called = [&](std::initializer_list<std::string_view> names) {
        for (const std::string& word : words_of_title(titles[i]))
          if (std::find(names.begin(), names.end(), word) != names.end()) return true;
        return false;
      };
      const bool is_rate = is_called({"rate", "bitrate", "datarate", "bandwidth", "throughput", "capacity"}) ||
                           unit_of_rate_in_title(titles[i]).has_value();
      if (is_rate && !named_rate) named_rate = i;
      if (!is_rate && !named_time && (is_called({"time", "timestamp", "t"}) || unit_in_title(titles[i])))
        named_time = i;
    }
    if (named_rate) rate = *named_rate;
    time = named_time.value_or(rate == 0 ? 1 : 0);
    if (!named_rate && time == 1) rate = 0;
    are_named = named_time && named_rate;
    const DelayUnit named = unit_in_title(titles[time]).value_or(DelayUnit::seconds);
    time_unit = named == DelayUnit::microseconds ? 1e-6 : named == DelayUnit::milliseconds ? 1e-3 : 1;
    rate_unit = unit_of_rate_in_title(titles[rate]);
  }
  RateColumns() = default;

  bool are_named = false;
};

}  // namespace

RateSchedule load_rate_table(const std::string& path, std::optional<double> rate_unit) {
  constexpr double lowest_usual = 10'000;  // bits a second
  TextFile file(path);
  std::vector<RateSchedule::Step> steps;
  RateColumns columns;
  double first = 0;
  char separator = ',';
  bool is_first = true;
  bool is_unit_known = rate_unit.has_value();
  while (file.next()) {
    if (!file.has_content()) continue;
    const bool may_be_titles = std::exchange(is_first, false);
    if (may_be_titles) separator = file.separator();
    const auto found = file.cells(separator);
    const auto words = found.size() == 1 ? file.words() : found;
    std::vector<std::string> cells(words.begin(), words.end());
    if (separator != ',')
      for (std::string& cell : cells) std::replace(cell.begin(), cell.end(), ',', '.');  // a decimal comma
    if (may_be_titles && cells.size() >= 2 && !to_number(cells[0]) && !to_number(cells[1])) {
      columns = RateColumns(cells);
      if (cells.size() > 2 && !columns.are_named)
        file.fail("there are more than two columns; name them time and rate in this line");
      if (!rate_unit) rate_unit = columns.rate_unit;
      is_unit_known = rate_unit.has_value();
      continue;
    }
    auto seconds = cells.size() == columns.width ? to_number(cells[columns.time]) : std::nullopt;
    if (seconds) *seconds *= columns.time_unit;
    if (!seconds || std::abs(*seconds) > longest_trace_in_seconds * 10)
      file.fail("\"" + std::string(file.line()) + "\" is not a time and a rate; write seconds,rate");
    if (steps.empty()) first = *seconds;
    const std::string& cell = cells[columns.rate];
    const auto rate = to_number(cell) == 0.0 ? 0 : parse_rate_attribute(cell, rate_unit.value_or(1));
    if (!rate || *rate > RateSchedule::highest_rate)
      file.fail("\"" + cell + "\" is not a rate; write a number, or one with a unit: 2.5 Mbit/s");
    if (!to_number(cell)) is_unit_known = true;
    if (*seconds - first > longest_trace_in_seconds) file.fail("the trace is longer than 1e9 s; check its times");
    const Duration from = round_up((*seconds - first) * 1e9);
    if (!steps.empty() && from <= steps.back().from) file.fail("the time is not later than the one before it");
    steps.push_back({from, {*rate}});
    if (steps.size() > RateSchedule::maximum_steps) file.fail("the trace has more than ten million rates");
  }
  if (steps.empty()) file.fail("the trace has no rates; give at least one line");
  double highest = 0;
  for (const auto& step : steps) highest = std::max(highest, static_cast<double>(step.rate.bits_per_second));
  if (highest == 0) file.fail("all rates are 0; give at least one above");
  if (!is_unit_known && highest < lowest_usual)
    file.fail("the highest rate is only " + std::to_string(static_cast<std::uint64_t>(highest)) +
              " bit/s; say which unit the rates have with `rate_unit`, such as 1Mbit/s, or 1bit/s if they are so low");
  const std::size_t count = steps.size();
  const Duration last = count < 2 ? Duration(std::chrono::seconds(1)) : steps[count - 1].from - steps[count - 2].from;
  const Duration period = steps.back().from + last;
  return RateSchedule(std::move(steps), period);
}

}  // namespace peerbed::sim
