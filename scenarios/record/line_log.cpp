#include "scenarios/record/line_log.h"

#include <algorithm>

namespace peerbed::scenarios {

LineLog::LineLog(const Scenario& scenario) : scenario_(scenario) {
  for (const Expectation& expectation : scenario.expectations)
    if (const auto* printed = std::get_if<PrintedExpectation>(&expectation.form)) awaited_.emplace_back(printed, false);
}

void LineLog::on_line(Time time, NodeIndex node, std::string_view line) {
  for (auto& [expectation, seen] : awaited_)
    if (expectation->node == node && line.find(expectation->text) != std::string_view::npos) seen = true;
  const auto& hidden = scenario_.hidden_lines;
  if (scenario_.show_lines && std::none_of(hidden.begin(), hidden.end(), [line](const std::string& text) {
        return line.find(text) != std::string_view::npos;
      }))
    keep_line(time, node, std::string(line));
}

// The log also shows what was typed at nodes, and when they start or crash.
void LineLog::on_step(const Step& step) {
  if (!scenario_.show_lines) return;
  if (step.kind == StepKind::command)
    keep_line(step.time, step.destination,
              "> " + std::string(reinterpret_cast<const char*>(step.bytes.data()), step.bytes.size()));
  if (step.kind == StepKind::start && step.time != time_zero) keep_line(step.time, step.destination, "(starts)");
  if (step.kind == StepKind::crash) keep_line(step.time, step.destination, "(crashes)");
}

void LineLog::keep_line(Time time, NodeIndex node, std::string line) {
  if (lines_.size() < maximum_lines_kept) lines_.push_back({time.time_since_epoch(), node, std::move(line)});
}

bool LineLog::was_printed(const PrintedExpectation& expectation) const {
  return std::any_of(awaited_.begin(), awaited_.end(),
                     [&](const auto& awaited) { return awaited.first == &expectation && awaited.second; });
}

}  // namespace peerbed::scenarios
