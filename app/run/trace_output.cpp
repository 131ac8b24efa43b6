#include "app/run/trace_output.h"

#include <ostream>
#include <sstream>
#include <stdexcept>

#include "analysis/trace/event_causes.h"
#include "analysis/trace/event_trace_writer.h"
#include "analysis/trace/trace_text.h"
#include "scenarios/text/units.h"

namespace peerbed::app {

using analysis::TraceContents;
using analysis::TraceHeader;
using analysis::TraceRecord;
using scenarios::TraceSelection;

const Option trace_option{
    .name = "trace",
    .value_name = "WHAT",
    .help = "record events: steps, reports and lines, or the listed kinds; payloads only on request",
    .value_is_optional = true};
const Option trace_nodes_option{"trace-nodes", "NAMES", "with --trace: only these nodes, such as 'peers.*'"};
const Option trace_from_option{"trace-from", "TIME", "with --trace: only from this time on"};
const Option trace_until_option{"trace-until", "TIME", "with --trace: only before this time"};

std::vector<std::string> words_between_commas(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text + ",");
  for (std::string word; std::getline(stream, word, ',');) words.push_back(word);
  return words;
}

std::optional<Duration> time_option(const Arguments& arguments, const Option& option) {
  const auto given = arguments.value(option.name);
  if (!given) return std::nullopt;
  const auto time = scenarios::parse_duration(*given);
  if (!time)
    throw UsageError("'--" + std::string(option.name) + " " + *given + "' is not a time; write " +
                     std::string(scenarios::expected_duration));
  return time;
}

namespace {

// `payloads` alone selects everything else as well.
TraceContents contents_of(const std::string& text) {
  if (text.empty()) return {};
  TraceContents contents{false, false, false, false};
  bool names_any = false;
  for (const std::string& word : words_between_commas(text)) {
    if (word == "payloads") {
      contents.payloads = true;
      continue;
    }
    names_any = true;
    if (word == "steps")
      contents.steps = true;
    else if (word == "reports")
      contents.reports = true;
    else if (word == "lines")
      contents.lines = true;
    else
      throw UsageError("'--trace=" + word + "' is unknown; write steps, reports, lines or payloads");
  }
  return names_any ? contents : TraceContents{.payloads = true};
}

}  // namespace

std::optional<TraceSelection> trace_selection(const Arguments& arguments) {
  if (!arguments.has(trace_option.name)) {
    for (const Option& option : {trace_nodes_option, trace_from_option, trace_until_option})
      if (arguments.has(option.name)) throw UsageError("--" + std::string(option.name) + " needs --trace");
    return std::nullopt;
  }
  TraceSelection selection;
  selection.contents = contents_of(arguments.value(trace_option.name).value_or(""));
  if (const auto nodes = arguments.value(trace_nodes_option.name)) selection.nodes = words_between_commas(*nodes);
  if (const auto from = time_option(arguments, trace_from_option)) selection.from = *from;
  if (const auto until = time_option(arguments, trace_until_option)) selection.until = *until;
  if (selection.from >= selection.until) throw UsageError("--trace-until is not after --trace-from; give a later time");
  return selection;
}

struct TraceOutput::Parts {
  Parts(const scenarios::Scenario& scenario, const TraceSelection& selection, bool simulated)
      : header(scenarios::trace_header(scenario, selection.contents, simulated)) {}

  void record_to(const std::string& file, const TraceSelection& selection) {
    writer.emplace(file, header);
    recorder.emplace(header, selection, [this](const TraceRecord& record) { writer->add(record); });
  }
  void write_lines_to(std::ostream& out, const TraceSelection& selection) {
    text.emplace(header, analysis::TraceForm::jsonl);
    causes.emplace(header);
    recorder.emplace(header, selection, [this, &out](const TraceRecord& record) {
      const auto cause = causes->add(record);
      line.clear();
      text->append(line, record, cause);
      out << line;
    });
  }

  TraceHeader header;
  std::optional<analysis::EventTraceWriter> writer;
  std::optional<analysis::TraceText> text;
  std::optional<analysis::EventCauses> causes;
  std::string line;
  std::optional<scenarios::TraceRecorder> recorder;
};

TraceOutput::TraceOutput(const scenarios::Scenario& scenario, const TraceSelection& selection, bool simulated,
                         const std::optional<std::string>& file, std::ostream& lines)
    : parts_(std::make_unique<Parts>(scenario, selection, simulated)) {
  try {
    if (file)
      parts_->record_to(*file, selection);
    else
      parts_->write_lines_to(lines, selection);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

TraceOutput::~TraceOutput() = default;

Observer* TraceOutput::observer() noexcept { return &*parts_->recorder; }

void TraceOutput::close() {
  if (parts_->writer) parts_->writer->close();
}

}  // namespace peerbed::app
