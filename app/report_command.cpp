#include "app/command_line.h"
#include "app/commands.h"
#include "app/output_file.h"
#include "app/report_document.h"
#include "app/report_page.h"

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

int report(const Invocation& invocation, const Arguments& arguments) {
  check(arguments);
  OutputFile out(arguments.value("out"), arguments.has("force"));
  const std::string document = report_document(arguments.positional(), invocation.program);
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
                  {"force", nullptr, "writes over a file of that name"}},
      .examples = {{"peerbed report churn -o churn.html", "of a run that was kept in the folder churn"},
                   {"peerbed report before after -o both.html", "of two, one after the other"}},
      .run = report,
  };
}

}  // namespace peerbed::app
