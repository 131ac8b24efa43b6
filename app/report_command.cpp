#include "app/command_line.h"
#include "app/commands.h"
#include "app/output_file.h"
#include "app/report_document.h"
#include "app/report_page.h"
#include "scenarios/units.h"

namespace peerbed::app {
namespace {

void check(const Arguments& arguments) {
  if (arguments.positional().empty())
    throw UsageError("report takes the folders of runs or sweeps: peerbed report RUN... -o report.html");
  if (arguments.value("out") == "") throw UsageError("'--out' lacks the name of a file; write -o report.html");
  if (!arguments.has("out") && !arguments.has("json"))
    throw UsageError("report lacks the file to write; give -o report.html");
  if (!arguments.has("json") && report_page().empty())
    throw UsageError(
        "this peerbed was built without the page of reports; install npm and build it again, or take --json for the "
        "document alone");
}

// "12s..12.4s", of virtual time.
std::optional<analysis::TimeWindow> window_of(const Arguments& arguments) {
  const auto text = arguments.value("window");
  if (!text) return std::nullopt;
  const std::size_t dots = text->find("..");
  const auto from = scenarios::parse_duration(text->substr(0, dots));
  const auto until = dots == std::string::npos ? std::nullopt : scenarios::parse_duration(text->substr(dots + 2));
  if (!from || !until || *from >= *until)
    throw UsageError("'--window " + *text + "' is no stretch of time; write --window 12s..12.4s");
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
      .summary = "makes one page of what happened in runs and sweeps",
      .forms = {"RUN... -o FILE [options]"},
      .operand = "RUN",
      .description =
          "Makes one page that shows what happened in runs and sweeps, and that any browser opens without a network. "
          "RUN is the folder of a run that was kept, or of a sweep.",
      .options = {{"out", "FILE", "the report, or with --json its document", false, 'o'},
                  {"json", nullptr, "writes the document behind the report instead"},
                  {"window", "FROM..UNTIL", "of a run kept with --trace: the stretch whose events are drawn"},
                  {"force", nullptr, "writes over a file of that name"}},
      .examples = {{"peerbed report churn -o churn.html", "of a run that was kept in the folder churn"},
                   {"peerbed report before after -o both.html", "of two, one after the other"}},
      .run = report,
  };
}

}  // namespace peerbed::app
