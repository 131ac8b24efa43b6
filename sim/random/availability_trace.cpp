#include "sim/random/availability_trace.h"

#include <set>
#include <string_view>
#include <utility>

#include "sim/core/text_file.h"
#include "sim/random/distribution.h"

namespace peerbed::sim {

namespace {

constexpr double longest_trace_in_seconds = 1e9;

Duration parse_time(const TextFile& file, std::string_view word) {
  const auto seconds = to_number(word);
  if (!seconds || *seconds < 0 || *seconds > longest_trace_in_seconds)
    file.fail("\"" + std::string(word).append("\" is not a time; give seconds between 0 and 1e9"));
  return round_up(*seconds * 1e9);
}

std::vector<UpInterval> parse_intervals(const TextFile& file, const std::vector<std::string_view>& words) {
  std::vector<UpInterval> intervals;
  for (std::size_t i = 2; i < words.size(); i += 2) {
    const UpInterval interval{parse_time(file, words[i]), parse_time(file, words[i + 1])};
    if (interval.start >= interval.end) file.fail("an interval ends at or before its start; give start, then end");
    if (intervals.empty() || interval.start > intervals.back().end)
      intervals.push_back(interval);
    else if (interval.start == intervals.back().end)
      intervals.back().end = interval.end;
    else
      file.fail("an interval starts before the one before it ends; give them in order and apart");
  }
  return intervals;
}

}  // namespace

AvailabilityTrace load_availability_trace(const std::string& path) {
  TextFile file(path);
  AvailabilityTrace trace;
  std::set<std::string, std::less<>> ids;
  std::size_t total = 0;
  while (file.next()) {
    if (!file.has_content()) continue;
    const auto words = file.words();
    const auto count = words.size() < 2 ? std::nullopt : to_count(words[1]);
    if (!count) file.fail("invalid line; write an id, the number of intervals, and their ends");
    if (*count > AvailabilityTrace::maximum_intervals || words.size() != 2 + 2 * *count)
      file.fail("there are " + std::to_string(words.size() - 2) + " times where " + std::string(words[1]) +
                " intervals take two each; correct the number");
    if (!ids.emplace(words[0]).second) file.fail("host " + std::string(words[0]) + " is given twice; give it one line");
    total += *count;
    if (trace.hosts.size() == AvailabilityTrace::maximum_hosts || total > AvailabilityTrace::maximum_intervals)
      file.fail("the trace has more than a million hosts or ten million intervals; give a smaller one");
    trace.hosts.push_back(parse_intervals(file, words));
  }
  if (trace.hosts.empty()) file.fail("the trace has no hosts; give at least one line");
  return trace;
}

}  // namespace peerbed::sim
