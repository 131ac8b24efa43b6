#include "analysis/trace/trace_timeline.h"

#include <algorithm>
#include <utility>

#include "analysis/trace/trace_text.h"

namespace peerbed::analysis {
namespace {

std::string microseconds(std::int64_t nanoseconds) {
  std::string fraction = std::to_string(nanoseconds % 1000);
  fraction.insert(0, 3 - std::min<std::size_t>(3, fraction.size()), '0');
  return std::to_string(nanoseconds / 1000) + "." + fraction;
}

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

// Every object is followed by a comma except the last one, which finish() adds.
std::string TraceTimeline::heading() const {
  std::string out = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
  for (std::size_t group = 0; group < header_.groups.size(); ++group) {
    out += "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":" + number(group + 1) + ",\"args\":{\"name\":";
    append_json_string(out, header_.groups[group].name);
    out += "}},\n";
  }
  return out;
}

void TraceTimeline::append_position(std::string& out, std::uint32_t node, std::int64_t time) const {
  const auto group = static_cast<std::size_t>(&header_.group_of(node) - header_.groups.data());
  out +=
      ",\"pid\":" + number(group + 1) + ",\"tid\":" + number(node + std::uint64_t{1}) + ",\"ts\":" + microseconds(time);
}

void TraceTimeline::append(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) {
  if (is_step(record.kind)) note_step(record, cause);
  if (record.kind == RecordKind::report || record.kind == RecordKind::line) append_report(out, record);
  const bool comes = record.kind == RecordKind::start;
  const bool goes = record.kind == RecordKind::crash || record.kind == RecordKind::exit;
  if (!comes && !goes) return;
  if (std::exchange(is_up_[record.node], comes) == comes) return;
  up_ += comes ? 1 : std::uint64_t{0} - 1;
  append_count(out, record.time);
}

void TraceTimeline::note_step(const TraceRecord& record, std::optional<std::uint64_t> cause) {
  const std::string_view message = header_.message_name(record);
  if (const auto last = last_of_.find(record.node); last != last_of_.end()) {
    Step& before = steps_[last->second];
    before.length = std::min(longest, record.time - before.time);
  }
  last_of_[record.node] = index_of_[record.event] = steps_.size();
  steps_.push_back({.event = record.event,
                    .cause = cause.value_or(0),
                    .time = record.time,
                    .node = record.node,
                    .name = message.empty() ? name_of(record.kind) : message});
}

void TraceTimeline::append_report(std::string& out, const TraceRecord& record) const {
  const TraceHeader::Report* report = header_.report_of(record);
  out += "{\"ph\":\"i\",\"s\":\"t\",\"name\":";
  append_json_string(out, report != nullptr ? std::string_view(report->name) : record.text());
  append_position(out, record.node, record.time);
  if (report != nullptr) {
    out += ",\"args\":{";
    for (std::size_t i = 0; i < report->fields.size(); ++i) {
      out += i == 0 ? "" : ",";
      append_json_string(out, report->fields[i].name);
      out += ":";
      if (const auto word = header_.word_of(report->fields[i].unit, record.values[i]))
        append_json_string(out, *word);
      else
        out += number(record.values[i]);
    }
    out += "}";
  }
  out += "},\n";
}

void TraceTimeline::append_count(std::string& out, std::int64_t time) const {
  out += "{\"ph\":\"C\",\"name\":\"nodes up\",\"pid\":0,\"ts\":" + microseconds(time) +
         ",\"args\":{\"nodes\":" + number(up_) + "}},\n";
}

void TraceTimeline::append_step(std::string& out, const Step& step) const {
  out += "{\"ph\":\"X\",\"name\":";
  append_json_string(out, step.name);
  append_position(out, step.node, step.time);
  out += ",\"dur\":" + microseconds(step.length) + ",\"args\":{\"event\":" + number(step.event);
  if (step.cause != 0) out += ",\"cause\":" + number(step.cause);
  out += "}},\n";
}

void TraceTimeline::append_arrow(std::string& out, const Step& from, const Step& to) const {
  out += "{\"ph\":\"s\",\"cat\":\"cause\",\"name\":\"cause\",\"id\":" + number(to.event);
  append_position(out, from.node, from.time);
  out += "},\n{\"ph\":\"f\",\"bp\":\"e\",\"cat\":\"cause\",\"name\":\"cause\",\"id\":" + number(to.event);
  append_position(out, to.node, to.time);
  out += "},\n";
}

void TraceTimeline::finish(std::string& out) {
  for (const Step& step : steps_) {
    append_step(out, step);
    const auto cause = index_of_.find(step.cause);
    if (cause != index_of_.end()) append_arrow(out, steps_[cause->second], step);
  }
  std::vector<std::uint32_t> nodes;
  for (const auto& [node, last] : last_of_) nodes.push_back(node);
  std::sort(nodes.begin(), nodes.end());
  for (const std::uint32_t node : nodes) {
    out += "{\"ph\":\"M\",\"name\":\"thread_name\"";
    append_position(out, node, 0);
    out += ",\"args\":{\"name\":";
    append_json_string(out, header_.name_of(node));
    out += "}},\n";
  }
  out += "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":0,\"args\":{\"name\":\"world\"}}\n]}\n";
}

}  // namespace peerbed::analysis
