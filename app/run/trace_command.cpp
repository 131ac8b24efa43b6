#include <algorithm>
#include <filesystem>
#include <iostream>
#include <unordered_set>

#include "analysis/trace/event_causes.h"
#include "analysis/trace/event_trace_reader.h"
#include "analysis/trace/trace_capture.h"
#include "analysis/trace/trace_filter.h"
#include "analysis/trace/trace_text.h"
#include "analysis/trace/trace_timeline.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/output_file.h"
#include "app/cli/terminal.h"
#include "app/run/trace_output.h"
#include "scenarios/text/error.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using analysis::EventCauses;
using analysis::EventTraceReader;
using analysis::TraceExport;
using analysis::TraceFilter;
using analysis::TraceForm;
using analysis::TraceHeader;
using analysis::TraceRecord;
using analysis::TraceText;

const Option from_option{"from", "TIME", "only events at or after this time, such as 10s"};
const Option until_option{"until", "TIME", "only events before this time"};

std::string trace_file(const std::string& run) {
  std::error_code error;
  if (!std::filesystem::is_directory(run, error)) return run;
  const std::string file = run + "/events.trace";
  if (!std::filesystem::exists(file, error))
    throw scenarios::FileError(file + ": is missing; run the scenario again with --out and --trace");
  return file;
}

std::unique_ptr<TraceExport> export_as(const std::string& form, const TraceHeader& header) {
  if (form == "jsonl") return std::make_unique<TraceText>(header, TraceForm::jsonl);
  if (form == "csv") return std::make_unique<TraceText>(header, TraceForm::csv);
  if (form == "perfetto") return std::make_unique<analysis::TraceTimeline>(header);
  if (form == "text") return std::make_unique<TraceText>(header, TraceForm::text);
  if (!header.contents.steps || !header.contents.payloads)
    throw UsageError(
        "a capture needs the payloads, which this trace does not contain; run the scenario again with "
        "--trace=payloads");
  return std::make_unique<analysis::TraceCapture>(header);
}

analysis::TraceChoice choice_of(const Arguments& arguments) {
  analysis::TraceChoice choice;
  choice.nodes = arguments.values("node");
  choice.kinds = arguments.values("kind");
  if (const auto from = time_option(arguments, from_option)) choice.from = from->count();
  if (const auto until = time_option(arguments, until_option)) choice.until = until->count();
  return choice;
}

TraceFilter filter_of(const EventTraceReader& reader, const analysis::TraceChoice& choice) {
  try {
    return {reader.header(), choice};
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

std::optional<std::uint64_t> event_of(const Arguments& arguments) {
  const auto given = arguments.value("event");
  if (!given) {
    for (const char* name : {"causes", "effects"})
      if (arguments.has(name)) throw UsageError("--" + std::string(name) + " needs --event N");
    return std::nullopt;
  }
  const auto number = scenarios::parse_count(*given);
  if (!number || *number == 0)
    throw UsageError("'--event " + *given + "' is not an event number; write a number from 1 up");
  return number;
}

// Warns that a trace is incomplete; reading continued as far as possible.
int verdict(const EventTraceReader& reader) {
  if (reader.complaint().empty()) return exit_good;
  complain("peerbed: " + reader.complaint());
  return exit_io;
}

int show_all(const std::string& file, const analysis::TraceChoice& choice, const std::string& form, OutputFile& out) {
  EventTraceReader reader(file);
  const TraceFilter is_wanted = filter_of(reader, choice);
  const auto exported = export_as(form, reader.header());
  EventCauses causes(reader.header());
  out.text() += exported->heading();
  TraceRecord record;
  bool is_past = false;
  while (!is_past && reader.next(record)) {
    const auto cause = causes.add(record);
    if (is_wanted(record))
      exported->append(out.text(), record, cause);
    else
      exported->pass_over(record);
    is_past = reader.header().simulated && record.time >= choice.until;
    out.flush_when_large();
  }
  exported->finish(out.text());
  return verdict(reader);
}

[[noreturn]] void refuse_event(std::uint64_t event, const EventTraceReader& reader) {
  throw UsageError("the trace has no event " + std::to_string(event) +
                   (reader.complaint().empty() ? "" : " before its end: " + reader.complaint()));
}

// The number of a step followed by those of its causes, last first.
std::vector<std::uint64_t> chain_of(const std::string& file, std::uint64_t event, bool with_causes) {
  EventTraceReader reader(file);
  EventCauses causes(reader.header());
  std::vector<std::uint64_t> cause_of;  // by event; 0 if there is none
  bool found = false;
  for (TraceRecord record; reader.next(record) && record.event <= event;) {
    const auto cause = causes.add(record);
    if (!analysis::is_step(record.kind)) continue;
    cause_of.resize(record.event + 1);
    cause_of[record.event] = cause.value_or(0);
    found = found || record.event == event;
  }
  if (!found) refuse_event(event, reader);
  std::vector<std::uint64_t> chain{event};
  while (with_causes && cause_of[chain.back()] != 0) chain.push_back(cause_of[chain.back()]);
  return chain;
}

int show_event(const std::string& file, std::uint64_t event, bool with_causes, const std::string& form,
               OutputFile& out) {
  const std::vector<std::uint64_t> chain = chain_of(file, event, with_causes);
  EventTraceReader reader(file);
  EventCauses causes(reader.header());
  const auto exported = export_as(form, reader.header());
  std::vector<std::string> told(chain.size());
  for (TraceRecord record; reader.next(record) && record.event <= event;) {
    const auto cause = causes.add(record);
    const auto found = std::lower_bound(chain.begin(), chain.end(), record.event, std::greater<>());
    if (found != chain.end() && *found == record.event)
      exported->append(told[static_cast<std::size_t>(found - chain.begin())], record, cause);
  }
  // Files are in order of time; users ask for causes, so text starts at the effect.
  if (form != "text") std::reverse(told.begin(), told.end());
  out.text() += exported->heading();
  for (const std::string& part : told) out.text() += part;
  exported->finish(out.text());
  return exit_good;
}

// One timer of a node may serve many purposes: following its effects would soon include everything.
bool is_effect(const TraceRecord& record) noexcept {
  return analysis::is_step(record.kind) && record.kind != analysis::RecordKind::timer;
}

int show_effects(const std::string& file, std::uint64_t event, const std::string& form, OutputFile& out) {
  EventTraceReader reader(file);
  EventCauses causes(reader.header());
  const auto exported = export_as(form, reader.header());
  out.text() += exported->heading();
  std::unordered_set<std::uint64_t> reached;
  for (TraceRecord record; reader.next(record);) {
    const auto cause = causes.add(record);
    const bool begins = analysis::is_step(record.kind) && record.event == event;
    if (begins || (is_effect(record) && cause && reached.contains(*cause))) reached.insert(record.event);
    if (reached.contains(record.event))
      exported->append(out.text(), record, cause);
    else
      exported->pass_over(record);
    out.flush_when_large();
  }
  if (reached.empty()) refuse_event(event, reader);
  exported->finish(out.text());
  return verdict(reader);
}

int trace(const Invocation&, const Arguments& arguments) {
  if (arguments.positional().size() != 1 || arguments.positional().front().empty())
    throw UsageError("trace takes the folder of one run: peerbed trace RUN");
  if (arguments.has("causes") && arguments.has("effects"))
    throw UsageError("--causes and --effects cannot be combined; give one of them");
  if (arguments.has("force") && !arguments.has("out")) throw UsageError("--force needs --out FILE");
  const std::string form = arguments.value("as").value_or("text");
  const auto choice = choice_of(arguments);
  const auto event = event_of(arguments);
  const std::string file = trace_file(arguments.positional().front());
  OutputFile out(arguments.value("out"), arguments.has("force"));
  const int code = !event                     ? show_all(file, choice, form, out)
                   : arguments.has("effects") ? show_effects(file, *event, form, out)
                                              : show_event(file, *event, arguments.has("causes"), form, out);
  out.close();
  return code;
}

}  // namespace

Command trace_command() {
  return {
      .name = "trace",
      .summary = "shows the recorded events of a run and their causes",
      .forms = {"RUN [options]"},
      .operand = "RUN",
      .description =
          "Shows the events of a run that was saved with --trace. RUN is its folder or its file events.trace.",
      .options = {{"as", "text|jsonl|csv|pcap|perfetto", "output format (default: text); pcap is for Wireshark"},
                  {"node", "NAME", "only events at or from these nodes; '*' matches any text", true},
                  {"kind", "KIND", "datagram, timer, report ... or a name, such as lookup.*", true},
                  from_option,
                  until_option,
                  {"event", "N", "only event N and what its node reported"},
                  {"causes", nullptr, "with --event: also what led to it"},
                  {"effects", nullptr, "with --event: also what it led to, except through timers"},
                  {"out", "FILE", "write to a file instead of stdout", false, 'o'},
                  {"force", nullptr, "overwrite an existing file"}},
      .examples = {{"peerbed trace r --kind 'lookup.*' --from 10s --until 11s",
                    "the lookups that ended within a second"},
                   {"peerbed trace r --event 4711 --causes", "the causes of an event"}},
      .run = trace,
  };
}

}  // namespace peerbed::app
