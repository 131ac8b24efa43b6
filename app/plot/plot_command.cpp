#include <algorithm>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "analysis/plot/figure_table.h"
#include "analysis/results/one_line.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/output_file.h"
#include "app/cli/terminal.h"
#include "app/plot/plot_figures.h"
#include "scenarios/text/error.h"
#include "scenarios/text/field.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;

constexpr double points_a_millimetre = 72 / 25.4;
constexpr std::size_t metrics_listed = 200;

// A folder, or NAME=FOLDER if there is no folder of that name.
PlotSource source_of(const std::string& word) {
  std::error_code error;
  const std::size_t sign = word.find('=');
  if (sign != std::string::npos && sign > 0 && !fs::exists(word, error))
    return {word.substr(0, sign), read_result_folder(word.substr(sign + 1))};
  fs::path path(word);
  if (path.filename().empty()) path = path.parent_path();
  return {path.filename().string(), read_result_folder(word)};
}

analysis::Look look_of(const Arguments& arguments) {
  analysis::Look look;
  const std::string width = arguments.value("width").value_or("120");
  const auto millimetres = scenarios::parse_number(width);
  if (!millimetres || *millimetres < 50 || *millimetres > 1000)
    throw UsageError("'--width " + width + "' is not a valid width in millimetres; write a number from 50 to 1000");
  look.width = *millimetres * points_a_millimetre;
  look.is_dark = arguments.value("theme") == "dark";
  return look;
}

PlotRequest request_of(const Arguments& arguments) {
  PlotRequest request;
  request.figure = *arguments.value("figure");
  const std::vector<std::string> metrics = arguments.values("metric");
  if (!metrics.empty()) {
    request.metric = metrics.front();
    request.others.assign(metrics.begin() + 1, metrics.end());
  }
  request.x_range = arguments.value("x-range");
  request.y_range = arguments.value("y-range");
  request.x = arguments.value("x");
  request.transform = arguments.value("transform");
  request.theories = arguments.values("theory");
  request.title = arguments.value("title");
  request.x_title = arguments.value("x-title");
  request.y_title = arguments.value("y-title");
  const std::string log = arguments.value("log").value_or("");
  request.has_log_x = log.find('x') != std::string::npos;
  request.has_log_y = log.find('y') != std::string::npos;
  for (const char* option : {"theory", "transform", "x"})
    if (arguments.has(option) && request.figure != "curve" && !(*option == 'x' && request.figure == "cost"))
      throw UsageError("--" + std::string(option) + " applies only to --figure curve");
  for (const std::string& word : arguments.positional()) request.sources.push_back(source_of(word));
  return request;
}

int list_figures(const PlotRequest& request) {
  for (const AvailableFigure& each : available_figures(request.sources)) {
    std::cout << stdout_style().bold(each.name) << ": " << each.summary << '\n';
    const std::size_t shown = std::min(each.metrics.size(), metrics_listed);
    for (std::size_t i = 0; i < shown; ++i) std::cout << "  --metric " << analysis::one_line(each.metrics[i]) << '\n';
    if (shown < each.metrics.size()) std::cout << "  and " << each.metrics.size() - shown << " more\n";
  }
  return exit_good;
}

std::optional<analysis::TableForm> table_form(const Arguments& arguments) {
  const std::string form = arguments.value("as").value_or("picture");
  if (form == "picture") return std::nullopt;
  return form == "latex" ? analysis::TableForm::latex : analysis::TableForm::markdown;
}

std::string table_text(const Figure& figure, analysis::TableForm form) {
  if (const auto* curves = std::get_if<analysis::CurveFigure>(&figure)) return analysis::table_of(*curves, form);
  if (const auto* rows = std::get_if<analysis::RowFigure>(&figure)) return analysis::table_of(*rows, form);
  throw UsageError("the figure 'history' is not made of numbers; draw it as a picture");
}

using Writer = std::string (*)(const analysis::Picture&);

Writer writer_for(const std::string& file) {
  const std::string form = fs::path(file).extension().string();
  if (form == ".svg") return analysis::svg_of;
  if (form == ".pdf") return analysis::pdf_of;
  if (form == ".png") return analysis::png_of;
  throw UsageError("'--out " + file + "' has an unknown file extension; use .svg, .pdf or .png");
}

void check(const Arguments& arguments) {
  if (arguments.positional().empty())
    throw UsageError("plot takes folders of runs or sweeps: peerbed plot RUN... --figure NAME -o x.svg");
  if (!arguments.has("figure")) throw UsageError("plot needs a --figure; --figure list shows the available ones");
  if (!arguments.has("out") && arguments.value("figure") != "list" && !table_form(arguments))
    throw UsageError("plot needs an output file; write -o x.svg");
}

int plot(const Invocation&, const Arguments& arguments) {
  check(arguments);
  const analysis::Look look = look_of(arguments);
  const std::string file = arguments.value("out").value_or("");
  const auto form = table_form(arguments);
  const Writer picture_bytes = file.empty() || form ? nullptr : writer_for(file);
  const PlotRequest request = request_of(arguments);
  if (request.figure == "list") return list_figures(request);
  OutputFile out(arguments.value("out"), arguments.has("force"));
  try {
    const Figure figure = figure_of(request);
    if (form)
      out.text() = table_text(figure, *form);
    else
      out.text() =
          picture_bytes(std::visit([&look](const auto& each) { return analysis::picture_of(each, look); }, figure));
    out.close();
  } catch (const std::invalid_argument& problem) {
    throw UsageError("the figure '" + request.figure + "': " + problem.what());
  }
  return exit_good;
}

}  // namespace

Command plot_command() {
  return {
      .name = "plot",
      .summary = "draws figures from runs and sweeps",
      .forms = {"RUN... --figure list", "RUN... --figure NAME -o FILE [options]"},
      .operand = "RUN",
      .description =
          "Draws a figure from the folders of runs and sweeps, as SVG, PDF or PNG. NAME=RUN labels a folder in the "
          "figure; folders with the same label share a curve.",
      .details =
          "In formulas, x is the parameter. Durations are in seconds, sizes in bytes, and shares range from 0 to 1. "
          "NAME=WHAT labels a theory.",
      .options = {{"figure", "curve|cost|samples|distribution|timeline|messages|history|list",
                   "figure to draw; list: show the available ones"},
                  {"out", "FILE", "output file: .svg, .pdf, .png, or any for a table", false, 'o'},
                  {"metric", "NAME", "metric to draw; repeat to draw several of one unit", true},
                  {"x", "NAME", "parameter on the x axis of a curve, or metric that is the cost"},
                  {"theory", "WHAT", "dashed line: a metric or a formula such as 0.5*log2(x)", true},
                  {"transform", "FORMULA", "formula of x and y that replaces a curve's y values"},
                  {"log", "x|y|xy", "logarithmic axes"},
                  {"x-range", "LOW..HIGH", "limits of the x axis, such as 10..100 or 0..500ms"},
                  {"y-range", "LOW..HIGH", "limits of the y axis"},
                  {"as", "picture|markdown|latex", "a table of the numbers instead of a picture"},
                  {"title", "TEXT", "title above the figure (default: none)"},
                  {"x-title", "TEXT", "label of the x axis (default: parameter or metric)"},
                  {"y-title", "TEXT", "label of the y axis"},
                  {"width", "MM", "width in mm, from 50 to 1000 (default: 120)"},
                  {"theme", "light|dark", "colour theme (default: light)"},
                  {"force", nullptr, "overwrite an existing file"}},
      .examples = {{"peerbed plot speedup --figure list", "list the figures a sweep can give"},
                   {"peerbed plot speedup --figure curve --metric download_seconds -o k.svg", "a curve"}},
      .run = plot,
  };
}

}  // namespace peerbed::app
