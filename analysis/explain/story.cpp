#include "analysis/explain/story.h"

#include <algorithm>

#include "analysis/explain/chain_story.h"
#include "analysis/explain/download_story.h"
#include "analysis/trace/event_trace_reader.h"

namespace peerbed::analysis {
namespace {

struct TimedReport {
  std::size_t latency = 0;
  std::optional<std::size_t> success;
};

// Reports of an operation's end are called NAME.done, or NAME.failed, and have a latency.
std::optional<TimedReport> timed(const TraceHeader::Report& report) {
  if (!report.name.ends_with(".done") && !report.name.ends_with(".failed")) return std::nullopt;
  TimedReport result;
  bool has_latency = false;
  for (std::size_t i = 0; i < report.fields.size(); ++i) {
    if (report.fields[i].name == "latency") {
      result.latency = i;
      has_latency = true;
    }
    if (report.fields[i].name == "success") result.success = i;
  }
  return has_latency ? std::optional(result) : std::nullopt;
}

}  // namespace

std::vector<TimedOperation> operations_in(const std::string& trace) {
  EventTraceReader reader(trace);
  std::vector<TimedOperation> operations;
  for (TraceRecord record; reader.next(record);) {
    if (record.kind != RecordKind::report) continue;
    const TraceHeader::Report* report = reader.header().report_of(record);
    const auto fields = report == nullptr ? std::nullopt : timed(*report);
    if (!fields) continue;
    const auto took = static_cast<std::int64_t>(
        std::min(record.values[fields->latency], static_cast<std::uint64_t>(std::max<std::int64_t>(record.time, 0))));
    const bool success = fields->success ? record.values[*fields->success] != 0 : !report->name.ends_with(".failed");
    operations.push_back({report->name, record.node, record.event, record.time - took, record.time, success});
  }
  return operations;
}

Story story_of(const std::string& trace, const TimedOperation& operation, const Surroundings& around) {
  return operation.is_download() ? download_story(trace, operation, around) : chain_story(trace, operation, around);
}

}  // namespace peerbed::analysis
