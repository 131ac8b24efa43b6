// The numbers in a figure for a paper are those on the page of the same sweep.

#include <nlohmann/json.hpp>

#include "app/plot/plot_figures.h"
#include "app/report/report_document.h"
#include "app/report/report_parts.h"
#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::tests;
using nlohmann::ordered_json;

namespace {

const std::string ring_of = R"(duration: 20s
parameters: {nodes: 12}
network: {latency: 20ms, jitter: {exponential: 5ms}}
groups:
  nodes: {protocol: ring, count: $nodes}
workload:
  - {rate: 5/s, do: "lookup {key}"}
)";

const ordered_json& metric_named(const ordered_json& sweep, const std::string& name) {
  for (const ordered_json& metric : sweep.at("metrics"))
    if (metric.at("metric") == name) return metric;
  FAIL("the page lacks " + name);
  return sweep;
}

}  // namespace

TEST_CASE("a curve of `plot` has the means and intervals that the page of the sweep shows") {
  const Folder folder;
  folder.write("s.yaml", ring_of);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..4 --param nodes=8,16,32 -o a").code == 0);
  const std::string path = (folder / "a").string();
  const ordered_json sweep = app::sweep_in_report(path, {});
  for (const std::string metric : {"lookup.done.latency.mean", "lookup.done.hops.mean", "message.find.count"}) {
    CAPTURE(metric);
    app::PlotRequest request;
    request.sources.push_back({"a", app::read_result_folder(path)});
    request.figure = "curve";
    request.metric = metric;
    const auto figure = std::get<analysis::CurveFigure>(app::figure_of(request));
    REQUIRE(figure.series.size() == 1);
    const ordered_json& shown = metric_named(sweep, metric).at("points");
    REQUIRE(shown.size() == figure.series[0].points.size());
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const analysis::Point& point = figure.series[0].points[i];
      CHECK(shown[i].at("values")[0] == std::to_string(static_cast<int>(point.x)));
      CHECK(shown[i].at("mean").get<double>() == point.y);
      REQUIRE(point.interval);
      CHECK(shown[i].at("low").get<double>() == point.interval->low);
      CHECK(shown[i].at("high").get<double>() == point.interval->high);
    }
  }
}
