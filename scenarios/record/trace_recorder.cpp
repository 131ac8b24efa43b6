#include "scenarios/record/trace_recorder.h"

#include <algorithm>

#include "analysis/trace/trace_filter.h"

namespace peerbed::scenarios {
namespace {

using analysis::RecordKind;
using analysis::StreamAction;
using analysis::TraceHeader;
using analysis::TraceRecord;

static_assert(static_cast<int>(RecordKind::datagram) == static_cast<int>(StepKind::datagram) &&
                  static_cast<int>(RecordKind::stream) == static_cast<int>(StepKind::stream) &&
                  analysis::nobody == no_node,
              "a trace numbers steps and nodes as the simulator does");

TraceHeader::Protocol described(const Protocol& protocol, std::span<const TimerType> timers) {
  TraceHeader::Protocol described{std::string(protocol.name()), {}, {}};
  for (const std::string_view message : protocol.message_kinds()) described.messages.emplace_back(message);
  for (const TraceEventType& type : protocol.trace_events()) {
    TraceHeader::Report& report = described.reports.emplace_back();
    report.name = type.name;
    for (std::size_t i = 0; i < type.field_count(); ++i)
      report.fields.push_back({std::string(type.fields[i].name), type.fields[i].unit});
  }
  for (const TimerType& timer : timers)
    described.timers.push_back({std::string(timer.name), timer.use == TimerUse::patience});
  return described;
}

StreamAction action_of(EffectKind kind) noexcept {
  switch (kind) {
    case EffectKind::open_stream:
      return StreamAction::open;
    case EffectKind::send_content:
      return StreamAction::send_content;
    case EffectKind::close_stream:
      return StreamAction::close;
    case EffectKind::reset_stream:
      return StreamAction::reset;
    default:
      return StreamAction::write;
  }
}

}  // namespace

TraceHeader trace_header(const Scenario& scenario, const analysis::TraceContents& contents, bool simulated) {
  TraceHeader header;
  header.scenario = scenario.name;
  header.seed = scenario.seed;
  header.simulated = simulated;
  header.contents = contents;
  std::vector<std::pair<const Protocol*, const TimerType*>> described_so_far;
  for (const Group& group : scenario.groups) {
    // Nodes of one protocol may differ in their timers: each kind is described by itself.
    const std::span<const TimerType> timers = group.protocol->timers(*group.plan.options);
    const auto kind = std::pair(static_cast<const Protocol*>(group.protocol.get()), timers.data());
    const auto found = std::find(described_so_far.begin(), described_so_far.end(), kind);
    const auto index = static_cast<std::uint32_t>(found - described_so_far.begin());
    if (found == described_so_far.end()) {
      described_so_far.push_back(kind);
      header.protocols.push_back(described(*group.protocol, timers));
    }
    const auto count = static_cast<std::uint32_t>(group.plan.count);
    header.groups.push_back({group.plan.name, index, group.plan.first, count});
    header.first_address = group.plan.address;
    for (std::uint32_t i = 0; i < count; ++i)
      if (std::string own = group.plan.options->name_of(i); !own.empty())
        header.names.emplace_hint(header.names.end(), group.plan.first + i, std::move(own));
  }
  return header;
}

TraceRecorder::TraceRecorder(const TraceHeader& header, const TraceSelection& selection, Sink sink)
    : sink_(std::move(sink)),
      contents_(selection.contents),
      from_(time_zero + selection.from),
      until_(time_zero + selection.until),
      is_partial_(!selection.nodes.empty() || selection.from > Duration::zero()) {
  if (is_partial_) recorded_.resize(header.node_count());
  if (!selection.nodes.empty()) chosen_ = analysis::nodes_called(header, selection.nodes);
}

bool TraceRecorder::records(const Step& step) const noexcept {
  if (!contents_.steps || !is_in_window(step.time)) return false;
  return is_chosen(step.destination) || (step.source < chosen_.size() && chosen_[step.source]);
}

// What the node causes from now on must not be attributed to its last recorded step.
void TraceRecorder::leave_out(const Step& step) {
  if (!is_partial_ || !contents_.steps || step.time >= until_ || !recorded_[step.destination]) return;
  recorded_[step.destination] = false;
  TraceRecord record = belonging(RecordKind::unrecorded, step.time, step.destination);
  record.next_sequence = step.next_sequence;
  sink_(record);
}

void TraceRecorder::on_step(const Step& step) {
  ++event_;
  records_present_ = records(step);
  if (!records_present_) return leave_out(step);
  if (is_partial_) recorded_[step.destination] = true;
  TraceRecord record = belonging(static_cast<RecordKind>(step.kind), step.time, step.destination);
  record.source = step.source;
  record.sequence = step.sequence;
  record.next_sequence = step.next_sequence;
  record.number = static_cast<std::uint16_t>(step.timer);
  const bool carries_payload = step.kind == StepKind::datagram || step.kind == StepKind::stream;
  const bool carries_words = step.kind == StepKind::command || step.kind == StepKind::crash;
  if (carries_payload) record.size = step.bytes.size();
  if (carries_words || (carries_payload && contents_.payloads)) record.bytes = step.bytes;
  if (step.kind == StepKind::datagram) record.message = message_kind(step.bytes);
  if (step.stream != nullptr) {
    record.peer_stream = step.peer_stream.value;
    if (step.bytes.empty()) record.size = step.stream->range.size;
  }
  if (step.content != nullptr) record.size = step.content->range.size;
  sink_(record);
}

TraceRecord TraceRecorder::belonging(RecordKind kind, Time time, NodeIndex node) const noexcept {
  TraceRecord record;
  record.kind = kind;
  record.event = event_;
  record.time = nanoseconds_since_start(time);
  record.node = node;
  return record;
}

void TraceRecorder::on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) {
  if (!contents_.reports || !is_chosen(node) || !is_in_window(time)) return;
  TraceRecord record = belonging(RecordKind::report, time, node);
  record.number = type;
  record.values = values;
  sink_(record);
}

void TraceRecorder::on_line(Time time, NodeIndex node, std::string_view line) {
  if (!contents_.lines || !is_chosen(node) || !is_in_window(time)) return;
  TraceRecord record = belonging(RecordKind::line, time, node);
  record.bytes = std::as_bytes(std::span(line.data(), line.size()));
  sink_(record);
}

void TraceRecorder::on_exit(Time time, NodeIndex node) {
  if (!contents_.steps || !is_chosen(node) || !is_in_window(time)) return;
  sink_(belonging(RecordKind::exit, time, node));
}

void TraceRecorder::on_stream_effect(Time time, NodeIndex node, EffectKind kind, StreamId stream, std::uint64_t bytes) {
  if (!records_present_) return;
  TraceRecord record = belonging(RecordKind::stream_effect, time, node);
  record.number = static_cast<std::uint16_t>(action_of(kind));
  record.sequence = stream.value;
  record.size = bytes;
  sink_(record);
}

void TraceRecorder::on_timer_put_off(Time time, NodeIndex node, TimerId timer) {
  if (!records_present_) return;
  TraceRecord record = belonging(RecordKind::timer_put_off, time, node);
  record.number = timer;
  sink_(record);
}

}  // namespace peerbed::scenarios
