#include "sim/random/availability_trace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "sim/core/text_file.h"
#include "sim/random/distribution.h"

namespace peerbed::sim {

namespace {

constexpr std::string_view expected_row = "give the host and the times at which an interval starts and ends";

// Sorts intervals and joins those that overlap or meet; returns how many were joined to others.
std::size_t unite(std::vector<UpInterval>& intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const UpInterval& a, const UpInterval& b) { return a.start < b.start; });
  std::size_t kept = 0;
  for (const UpInterval& interval : intervals) {
    if (kept > 0 && interval.start <= intervals[kept - 1].end)
      intervals[kept - 1].end = std::max(intervals[kept - 1].end, interval.end);
    else
      intervals[kept++] = interval;
  }
  const std::size_t joined = intervals.size() - kept;
  intervals.resize(kept);
  return joined;
}

Duration end_of(const AvailabilityTrace& trace) {
  Duration end{};
  for (const auto& intervals : trace.hosts)
    if (!intervals.empty()) end = std::max(end, intervals.back().end);
  return end;
}

class TraceReader {
 public:
  TraceReader(const std::string& path, const TraceLayout& layout) : file_(path), layout_(layout) {}

  AvailabilityTrace read() && {
    while (file_.next()) {
      if (!file_.has_content()) continue;
      if (layout_.format == TraceFormat::avt) read_avt();
      if (layout_.format == TraceFormat::csv) read_csv();
      if (layout_.format == TraceFormat::overnet) read_probes();
    }
    if (trace_.hosts.empty()) file_.fail("the trace has no hosts; give at least one line");
    for (auto& intervals : trace_.hosts) trace_.joined += unite(intervals);
    begin_at_the_first();
    trace_.end = end_of(trace_);
    return std::move(trace_);
  }

 private:
  void read_avt() {
    const auto words = file_.words();
    const auto count = words.size() < 2 ? std::nullopt : to_count(words[1]);
    if (!count) file_.fail("invalid line; write an id, the number of intervals, and their ends");
    if (*count > AvailabilityTrace::maximum_intervals || words.size() != 2 + 2 * *count)
      file_.fail("there are " + std::to_string(words.size() - 2) + " times where " + std::string(words[1]) +
                 " intervals take two each; correct the number");
    const std::size_t host = host_of(words[0]);
    for (std::size_t i = 2; i < words.size(); i += 2) add(host, time_of(words[i]), time_of(words[i + 1]));
  }

  void read_csv() {
    if (separator_ == '\0') {
      separator_ = file_.separator();
      if (reads_header()) return;
    }
    const auto cells = file_.cells(separator_);
    if (cells.size() <= *std::max_element(columns_.begin(), columns_.end()) || cells[columns_[0]].empty())
      file_.fail("invalid row; " + std::string(expected_row));
    add(host_of(cells[columns_[0]]), time_of(cells[columns_[1]]), time_of(cells[columns_[2]]));
  }

  // Whether this first line names the columns.
  bool reads_header() {
    const auto cells = file_.cells(separator_);
    if (cells.size() < 3) file_.fail("there are fewer than three columns; " + std::string(expected_row));
    if (number_in(cells[1]) || number_in(cells[2])) {
      if (cells.size() > 3)
        file_.fail("there are more than three columns; name them host, from and to in a first line");
      return false;
    }
    constexpr std::array<std::string_view, 3> names{"host", "from", "to"};
    const auto is_same_letter = [](char one, char other) { return (one | 0x20) == (other | 0x20); };
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto found = std::find_if(cells.begin(), cells.end(), [&](std::string_view cell) {
        return std::equal(cell.begin(), cell.end(), names[i].begin(), names[i].end(), is_same_letter);
      });
      if (found == cells.end())
        file_.fail("no column is named " + std::string(names[i]) + "; name three of them host, from and to");
      columns_[i] = static_cast<std::size_t>(found - cells.begin());
    }
    return true;
  }

  // The results of probes, with or without blanks between them.
  void read_probes() {
    const auto words = file_.words();
    if (words.size() < 2)
      file_.fail("invalid line; write a host and the results of its probes, 1 for up and 0 for down");
    const std::size_t known = trace_.hosts.size();
    const std::size_t host = host_of(words[0]);
    if (host < known) file_.fail("host " + std::string(words[0]) + " is given twice; give it one line");
    Duration at{};
    std::optional<Duration> up_since;
    for (std::size_t i = 1; i < words.size(); ++i)
      for (const char result : words[i]) {
        if (result != '0' && result != '1')
          file_.fail("\"" + std::string(words[i]) + "\" is not a result of probes; write 1 for up and 0 for down");
        if (result == '1' && !up_since) up_since = at;
        if (result == '0' && up_since) add(host, *std::exchange(up_since, std::nullopt), at);
        if (at > longest_duration - layout_.period) file_.fail("the probes last too long; use a shorter period");
        at += layout_.period;
      }
    if (up_since) add(host, *up_since, at);
  }

  std::size_t host_of(std::string_view name) {
    const auto [found, is_new] = indices_.try_emplace(std::string(name), trace_.hosts.size());
    if (is_new) {
      if (trace_.hosts.size() == AvailabilityTrace::maximum_hosts)
        file_.fail("the trace has more than a million hosts; give a smaller one");
      trace_.names.emplace_back(name);
      trace_.hosts.emplace_back();
    }
    return found->second;
  }

  // With a decimal comma, unless commas separate the columns.
  std::optional<double> number_in(std::string_view word) const {
    if (separator_ == '\0' || separator_ == ',') return to_number(word);
    std::string number(word);
    std::replace(number.begin(), number.end(), ',', '.');
    return to_number(number);
  }

  Duration time_of(std::string_view word) const {
    const auto number = number_in(word);
    const double nanoseconds = number ? *number * static_cast<double>(layout_.unit.count()) : -1;
    if (!(nanoseconds >= 0 && nanoseconds < static_cast<double>(longest_duration.count())))
      file_.fail("\"" +
                 std::string(word).append("\" is not a time; give a number from 0 to 146 years, and check `unit`"));
    return round_up(nanoseconds);
  }

  void add(std::size_t host, Duration start, Duration end) {
    if (start > end) file_.fail("an interval ends before its start; give start, then end");
    if (start == end) {
      ++trace_.empty;
      return;
    }
    if (++total_ > AvailabilityTrace::maximum_intervals)
      file_.fail("the trace has more than ten million intervals; give a smaller one");
    trace_.hosts[host].push_back({start, end});
  }

  void begin_at_the_first() {
    Duration first = longest_duration;
    for (const auto& intervals : trace_.hosts)
      if (!intervals.empty()) first = std::min(first, intervals.front().start);
    if (first < longest_study || first == longest_duration) return;
    trace_.epoch = first;
    for (auto& intervals : trace_.hosts)
      for (UpInterval& interval : intervals) interval = {interval.start - first, interval.end - first};
  }

  TextFile file_;
  const TraceLayout& layout_;
  AvailabilityTrace trace_;
  std::unordered_map<std::string, std::size_t> indices_;
  std::array<std::size_t, 3> columns_{0, 1, 2};  // of host, from and to in a CSV file
  char separator_ = '\0';                        // of its columns; unknown before its first line
  std::size_t total_ = 0;
};

}  // namespace

AvailabilityTrace load_availability_trace(const std::string& path, const TraceLayout& layout) {
  return TraceReader(path, layout).read();
}

AvailabilityTrace excerpt_of(const AvailabilityTrace& trace, Duration from, Duration until, double scale) {
  if (!(from >= Duration::zero() && from < until && scale > 0))
    throw std::invalid_argument("trace: an excerpt begins at or after 0 and ends later, and its scale is above 0");
  const auto scaled = [&](Duration time) {
    const Duration since = std::clamp(time, from, until) - from;
    return scale == 1 ? since : Duration(std::llround(static_cast<double>(since.count()) * scale));
  };
  AvailabilityTrace excerpt;
  excerpt.names = trace.names;
  for (const auto& intervals : trace.hosts) {
    auto& kept = excerpt.hosts.emplace_back();
    for (const UpInterval& interval : intervals)
      if (const UpInterval cut{scaled(interval.start), scaled(interval.end)}; cut.start < cut.end) kept.push_back(cut);
    unite(kept);
  }
  excerpt.end = end_of(excerpt);
  return excerpt;
}

}  // namespace peerbed::sim
