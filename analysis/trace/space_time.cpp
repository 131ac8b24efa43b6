#include "analysis/trace/space_time.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "analysis/trace/event_causes.h"
#include "analysis/trace/event_trace_reader.h"
#include "analysis/trace/trace_text.h"

namespace peerbed::analysis {
namespace {

constexpr std::size_t most_in_reach = 1'000'000;  // steps that are considered: the last ones before the end
constexpr std::size_t most_nodes = 40;

// The end of an operation that took time.
struct Operation {
  std::string name;
  std::uint64_t event = 0;
  std::int64_t time = 0;
  std::int64_t took = -1;  // nanoseconds
};

std::optional<std::size_t> duration_field(const TraceHeader::Report& report) {
  for (std::size_t i = 0; i < report.fields.size(); ++i)
    if (report.fields[i].unit == Unit::nanoseconds) return i;
  return std::nullopt;
}

// The slowest operation of the most frequent kind of report that has a duration.
std::optional<Operation> slowest_operation(const std::string& file) {
  struct Kind {
    std::size_t count = 0;
    Operation slowest;
  };
  std::map<std::string, Kind> kinds;
  EventTraceReader reader(file);
  for (TraceRecord record; reader.next(record);) {
    if (record.kind != RecordKind::report) continue;
    const TraceHeader::Report* report = reader.header().report_of(record);
    const auto field = report == nullptr ? std::nullopt : duration_field(*report);
    if (!field) continue;
    Kind& kind = kinds[report->name];
    ++kind.count;
    const auto took = static_cast<std::int64_t>(std::min<std::uint64_t>(record.values[*field], INT64_MAX));
    if (took > kind.slowest.took) kind.slowest = {report->name, record.event, record.time, took};
  }
  const auto most = std::max_element(kinds.begin(), kinds.end(),
                                     [](const auto& a, const auto& b) { return a.second.count < b.second.count; });
  if (most == kinds.end()) return std::nullopt;
  return most->second.slowest;
}

std::string label_of(const TraceHeader& header, const TraceRecord& record) {
  switch (record.kind) {
    case RecordKind::datagram:
      return std::string(header.message_name(record));
    case RecordKind::timer:
      return header.timer_name(record);
    case RecordKind::stream:
      return std::string(stream_event_name(record.number));
    case RecordKind::command:
      return std::string(record.text());
    default:
      return {};
  }
}

// All steps from `from` up to an event or a time, in order; if there are too many, the last ones.
class Reach {
 public:
  Reach(const std::string& file, const TimeWindow& window, std::uint64_t last_event) {
    EventTraceReader reader(file);
    EventCauses causes(reader.header());
    for (TraceRecord record; reader.next(record);) {
      if (record.event > last_event || record.time >= window.until) break;
      const auto cause = causes.add(record);
      if (record.time >= window.from) take(reader.header(), record, cause.value_or(0));
    }
  }

  std::deque<SpaceTimeStep>& steps() noexcept { return steps_; }
  const SpaceTimeStep* find(std::uint64_t event) const {
    const auto found = std::lower_bound(steps_.begin(), steps_.end(), event,
                                        [](const SpaceTimeStep& step, std::uint64_t of) { return step.event < of; });
    return found != steps_.end() && found->event == event ? &*found : nullptr;
  }

 private:
  void take(const TraceHeader& header, const TraceRecord& record, std::uint64_t cause) {
    if (record.kind == RecordKind::report && !steps_.empty() && steps_.back().event == record.event)
      if (const TraceHeader::Report* report = header.report_of(record))
        steps_.back().label += (steps_.back().label.empty() ? "" : ", ") + report->name;
    if (!is_step(record.kind)) return;
    if (steps_.size() == most_in_reach) steps_.pop_front();
    SpaceTimeStep step{record.event, cause, record.time, record.node, nobody, {}, record.kind, record.number, {}};
    if (record.kind == RecordKind::datagram || record.kind == RecordKind::stream) step.source = record.source;
    step.label = label_of(header, record);
    steps_.push_back(std::move(step));
  }

  std::deque<SpaceTimeStep> steps_;
};

bool is_same_timer(const SpaceTimeStep& one, const SpaceTimeStep& other) {
  return one.kind == RecordKind::timer && other.kind == RecordKind::timer && one.node == other.node &&
         one.timer == other.timer;
}

// The events that led to one, including itself, as far as they are in reach. Of a timer that sets itself again and
// again, only the last time counts.
std::set<std::uint64_t> chain_to(const Reach& reach, std::uint64_t event) {
  std::set<std::uint64_t> chain;
  const SpaceTimeStep* after = nullptr;
  for (const SpaceTimeStep* step = reach.find(event); step != nullptr; step = reach.find(step->cause)) {
    if (after != nullptr && step->event >= after->event) break;
    if (after == nullptr || !is_same_timer(*step, *after)) chain.insert(step->event);
    after = step;
  }
  return chain;
}

// Keeps the steps at nodes of the chain: first the chain itself, then the latest of the others, of which a timer counts
// only if one of these followed from it.
void keep_around(std::deque<SpaceTimeStep>& steps, const std::set<std::uint64_t>& chain) {
  std::set<std::uint32_t> nodes;
  for (auto step = steps.rbegin(); step != steps.rend() && nodes.size() < most_nodes; ++step)
    if (chain.count(step->event) != 0) nodes.insert(step->node);
  std::size_t room = most_space_time_steps - std::min(most_space_time_steps, chain.size());
  std::deque<SpaceTimeStep> kept;
  std::set<std::uint64_t> causes;
  for (auto step = steps.rbegin(); step != steps.rend() && kept.size() < most_space_time_steps; ++step) {
    const bool is_in_chain = chain.count(step->event) != 0;
    const bool is_idle = step->kind == RecordKind::timer && causes.count(step->event) == 0;
    if (!is_in_chain && (room == 0 || is_idle || nodes.count(step->node) == 0)) continue;
    if (!is_in_chain) --room;
    if (step->kind != RecordKind::timer) causes.insert(step->cause);
    kept.push_front(std::move(*step));
  }
  steps = std::move(kept);
}

}  // namespace

std::optional<SpaceTime> space_time_of(const std::string& file, const std::optional<TimeWindow>& window) {
  SpaceTime result;
  const auto operation = window ? std::nullopt : slowest_operation(file);
  if (!window && !operation) return std::nullopt;
  const TimeWindow shown = window ? *window : TimeWindow{operation->time - operation->took, operation->time + 1};
  Reach reach(file, shown, operation ? operation->event : UINT64_MAX);
  std::deque<SpaceTimeStep>& steps = reach.steps();
  result.of = steps.size();
  for (SpaceTimeStep& step : steps)
    if (const SpaceTimeStep* cause = step.source == nobody ? nullptr : reach.find(step.cause)) step.sent = cause->time;
  if (operation) {
    keep_around(steps, chain_to(reach, operation->event));
    result.chosen = "around the slowest " + operation->name + ", at the nodes that had a part in it";
  } else {
    if (steps.size() > most_space_time_steps) steps.resize(most_space_time_steps);
    result.chosen = "as asked for";
  }
  if (steps.empty()) return std::nullopt;
  result.from = window ? window->from : steps.front().time;
  result.until = window ? window->until : steps.back().time;
  result.steps.assign(std::make_move_iterator(steps.begin()), std::make_move_iterator(steps.end()));
  return result;
}

}  // namespace peerbed::analysis
