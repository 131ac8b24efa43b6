#include <algorithm>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "analysis/one_line.h"
#include "app/command_line.h"
#include "app/commands.h"
#include "app/output_file.h"
#include "app/plot_figures.h"
#include "app/terminal.h"
#include "scenarios/error.h"
#include "scenarios/field.h"
#include "scenarios/units.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;

constexpr double points_a_millimetre = 72 / 25.4;
constexpr std::size_t metrics_listed = 200;

// A folder, or NAME=FOLDER where there is no folder of that name.
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
    throw UsageError("'--width " + width + "' is no width in millimetres; write one from 50 to 1000");
  look.width = *millimetres * points_a_millimetre;
  look.is_dark = arguments.value("theme") == "dark";
  return look;
}

PlotRequest request_of(const Arguments& arguments) {
  PlotRequest request;
  request.figure = *arguments.value("figure");
  request.metric = arguments.value("metric");
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
    if (arguments.has(option) && request.figure != "curve")
      throw UsageError("--" + std::string(option) + " belongs to the figure 'curve'");
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

using Writer = std::string (*)(const analysis::Picture&);

Writer writer_for(const std::string& file) {
  const std::string form = fs::path(file).extension().string();
  if (form == ".svg") return analysis::svg_of;
  if (form == ".pdf") return analysis::pdf_of;
  if (form == ".png") return analysis::png_of;
  throw UsageError("'--out " + file + "' is no picture's name; let it end with .svg, .pdf or .png");
}

void check(const Arguments& arguments) {
  if (arguments.positional().empty())
    throw UsageError("plot takes folders of runs or sweeps: peerbed plot RUN... --figure NAME -o x.svg");
  if (!arguments.has("figure"))
    throw UsageError("plot needs a --figure; --figure list shows those that the folders can give");
  if (!arguments.has("out") && arguments.value("figure") != "list")
    throw UsageError("plot needs a name for its picture; write -o x.svg");
}

int plot(const Invocation&, const Arguments& arguments) {
  check(arguments);
  const analysis::Look look = look_of(arguments);
  const std::string file = arguments.value("out").value_or("");
  const Writer picture_bytes = file.empty() ? nullptr : writer_for(file);
  const PlotRequest request = request_of(arguments);
  if (request.figure == "list") return list_figures(request);
  OutputFile out(file, arguments.has("force"));
  try {
    const Figure figure = figure_of(request);
    const analysis::Picture picture =
        std::visit([&look](const auto& each) { return analysis::picture_of(each, look); }, figure);
    out.text() = picture_bytes(picture);
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
      .summary = "draws runs and sweeps for a paper or a page",
      .forms = {"RUN... --figure list", "RUN... --figure NAME -o FILE [options]"},
      .operand = "RUN",
      .description =
          "Draws the folders of runs and sweeps, as SVG, PDF or PNG. NAME=RUN gives one a name in the picture; folders "
          "with one name share a curve.",
      .details =
          "In formulas x is the parameter. Durations count in seconds, sizes in bytes, shares from 0 to 1. A theory "
          "with "
          "a name of its own is written NAME=WHAT.",
      .options = {{"figure", "curve|samples|distribution|timeline|messages|list", "list: those that there are"},
                  {"out", "FILE", "the picture: a name with .svg, .pdf or .png", false, 'o'},
                  {"metric", "NAME", "what is drawn"},
                  {"x", "NAME", "the parameter along a curve's axis, of several"},
                  {"theory", "WHAT", "a dashed line: a metric, or 0.5*log2(x)", true},
                  {"transform", "FORMULA", "of x and y, in place of a curve's values y"},
                  {"log", "x|y|xy", "logarithmic axes"},
                  {"title", "TEXT", "stands above; none when not given"},
                  {"x-title", "TEXT", "in place of the parameter's or metric's name"},
                  {"y-title", "TEXT", "likewise"},
                  {"width", "MM", "from 50 to 1000; 120 when not given"},
                  {"theme", "light|dark", "light when not given"},
                  {"force", nullptr, "replaces the picture where there is one"}},
      .examples = {{"peerbed plot speedup --figure list", "what the folder of a sweep can give"},
                   {"peerbed plot speedup --figure curve --metric download_seconds -o k.svg", "a curve"}},
      .run = plot,
  };
}

}  // namespace peerbed::app
