#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/output_file.h"
#include "app/report/report_document.h"
#include "app/report/report_page.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

void check(const Arguments& arguments) {
  if (arguments.positional().empty())
    throw UsageError("report takes the folders of runs or sweeps: peerbed report RUN... -o report.html");
  if (arguments.value("out") == "") throw UsageError("'--out' needs a file name; write -o report.html");
  if (!arguments.has("out") && !arguments.has("json"))
    throw UsageError("report needs an output file; write -o report.html");
  if (!arguments.has("json") && report_page().empty())
    throw UsageError(
        "this peerbed was built without the report page; install npm and rebuild, or use --json to write the data "
        "alone");
}

// Parses "12s..12.4s", in virtual time.
std::optional<analysis::TimeWindow> window_of(const Arguments& arguments) {
  const auto text = arguments.value("window");
  if (!text) return std::nullopt;
  const std::size_t dots = text->find("..");
  const auto from = scenarios::parse_duration(text->substr(0, dots));
  const auto until = dots == std::string::npos ? std::nullopt : scenarios::parse_duration(text->substr(dots + 2));
  if (!from || !until || *from >= *until)
    throw UsageError("'--window " + *text + "' is not a time range; write --window 12s..12.4s");
  return analysis::TimeWindow{from->count(), until->count()};
}

int report(const Invocation& invocation, const Arguments& arguments) {
  check(arguments);
  const ReportChoices choices{.program = invocation.program, .window = window_of(arguments)};
  OutputFile out(arguments.value("out"), arguments.has("force"));
  const std::string document = report_document(arguments.positional(), choices);
  out.text() = arguments.has("json") ? document : filled_page(report_page(), document);
  out.close();
  return exit_good;
}

}  // namespace

Command report_command() {
  return {
      .name = "report",
      .summary = "builds an HTML report of runs and sweeps",
      .forms = {"RUN... -o FILE [options]"},
      .operand = "RUN",
      .description =
          "Builds one HTML page that shows what happened in runs and sweeps. Any browser opens it, without a network. "
          "RUN is the folder of a run or a sweep.",
      .options = {{"out", "FILE", "output file", false, 'o'},
                  {"json", nullptr, "write the report's data as JSON instead of HTML"},
                  {"window", "FROM..UNTIL", "time range whose events are drawn, for a run with --trace"},
                  {"force", nullptr, "overwrite an existing file"}},
      .examples = {{"peerbed report churn -o churn.html", "one run"},
                   {"peerbed report before after -o both.html", "two runs on one page"}},
      .run = report,
  };
}

}  // namespace peerbed::app
