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

}  // namespace

// Every object is followed by a comma and a newline except the last one, which finish() adds.
std::string TraceTimeline::heading() const {
  std::string out;
  JsonText json(out);
  json.open_object().key("displayTimeUnit").text("ns").key("traceEvents").open_list();
  out += '\n';
  for (std::size_t group = 0; group < header_.groups.size(); ++group) {
    json.open_object().key("ph").text("M").key("name").text("process_name").key("pid").number(group + 1);
    json.key("args").open_object().key("name").text(header_.groups[group].name).close_object().close_object();
    out += ",\n";
  }
  return out;
}

void TraceTimeline::add_position(JsonText& json, std::uint32_t node, std::int64_t time) const {
  const auto group = static_cast<std::size_t>(&header_.group_of(node) - header_.groups.data());
  json.key("pid").number(group + 1).key("tid").number(node + std::uint64_t{1}).key("ts").plain(microseconds(time));
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
  JsonText json(out);
  json.open_object().key("ph").text("i").key("s").text("t");
  json.key("name").text(report != nullptr ? std::string_view(report->name) : record.text());
  add_position(json, record.node, record.time);
  if (report != nullptr) {
    json.key("args").open_object();
    add_values(json, header_, *report, record);
    json.close_object();
  }
  json.close_object();
  out += ",\n";
}

void TraceTimeline::append_count(std::string& out, std::int64_t time) const {
  JsonText json(out);
  json.open_object().key("ph").text("C").key("name").text("nodes up").key("pid").number(0);
  json.key("ts").plain(microseconds(time));
  json.key("args").open_object().key("nodes").number(up_).close_object().close_object();
  out += ",\n";
}

void TraceTimeline::append_step(std::string& out, const Step& step) const {
  JsonText json(out);
  json.open_object().key("ph").text("X").key("name").text(step.name);
  add_position(json, step.node, step.time);
  json.key("dur").plain(microseconds(step.length)).key("args").open_object().key("event").number(step.event);
  if (step.cause != 0) json.key("cause").number(step.cause);
  json.close_object().close_object();
  out += ",\n";
}

void TraceTimeline::append_arrow(std::string& out, const Step& from, const Step& to) const {
  const auto append_end = [&](const Step& step, bool is_tip) {
    JsonText json(out);
    json.open_object().key("ph").text(is_tip ? "f" : "s");
    if (is_tip) json.key("bp").text("e");
    json.key("cat").text("cause").key("name").text("cause").key("id").number(to.event);
    add_position(json, step.node, step.time);
    json.close_object();
    out += ",\n";
  };
  append_end(from, false);
  append_end(to, true);
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
  JsonText json(out);
  for (const std::uint32_t node : nodes) {
    json.open_object().key("ph").text("M").key("name").text("thread_name");
    add_position(json, node, 0);
    json.key("args").open_object().key("name").text(header_.name_of(node)).close_object().close_object();
    out += ",\n";
  }
  json.open_object().key("ph").text("M").key("name").text("process_name").key("pid").number(0);
  json.key("args").open_object().key("name").text("world").close_object().close_object();
  out += '\n';
  json.close_list().close_object();
  out += '\n';
}

}  // namespace peerbed::analysis
