#include "scenarios/trial/causes.h"

#include <algorithm>
#include <chrono>

namespace peerbed::scenarios {

namespace {

constexpr analysis::TraceContents wanted{.steps = true, .reports = true, .lines = false, .payloads = false};

}  // namespace

Causes::Causes(const Scenario& scenario)
    : header_(trace_header(scenario, wanted, true)),
      causes_(header_),
      recorder_(header_, TraceSelection{.contents = wanted},
                [this](const analysis::TraceRecord& record) { take(record); }) {}

void Causes::take(const analysis::TraceRecord& record) {
  const std::uint64_t cause = causes_.add(record).value_or(0);
  if (record.kind == analysis::RecordKind::report && record.event > 0 && record.event <= steps_.size())
    steps_[record.event - 1].reported = true;
  if (!analysis::is_step(record.kind) || steps_.size() >= most_steps) return;
  const bool has_source = record.kind == analysis::RecordKind::datagram || record.kind == analysis::RecordKind::stream;
  steps_.push_back({.cause = cause,
                    .at = std::chrono::nanoseconds(record.time),
                    .node = record.node,
                    .source = has_source ? record.source : no_node,
                    .kind = record.kind,
                    .message = record.message});
  if (record.kind == analysis::RecordKind::command) lines_.emplace_back(steps_.size() - 1, record.text());
}

const std::string& Causes::line_of(std::size_t step) const {
  static const std::string none;
  const auto found = std::lower_bound(lines_.begin(), lines_.end(), step,
                                      [](const auto& line, std::size_t wanted) { return line.first < wanted; });
  return found != lines_.end() && found->first == step ? found->second : none;
}

std::string_view Causes::message_name(const CausedStep& step) const {
  const auto& messages = header_.protocol_of(step.source).messages;
  return step.message < messages.size() ? std::string_view(messages[step.message]) : std::string_view();
}

}  // namespace peerbed::scenarios
