#include "app/search/search_summary.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using analysis::Json;
using scenarios::Finding;
using scenarios::show_count;
using scenarios::show_moment;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '&')
      out += "&amp;";
    else if (letter == '<')
      out += "&lt;";
    else if (letter == '>')
      out += "&gt;";
    else if (letter == '"')
      out += "&quot;";
    else
      out += letter;
  }
  return out;
}

// Without the declaration at its head, which HTML does not know.
std::string_view element_of(std::string_view svg) { return svg.substr(std::min(svg.find("<svg"), svg.size())); }

std::string name_of(const Finding& finding) {
  return finding.violation.property.empty() ? "the run could not go on" : finding.violation.property;
}

// Coverage against trials, as an SVG of 640 by 240 with the findings as marks.
std::string drawn(const std::vector<CurvePoint>& curve, const std::vector<Finding>& findings) {
  if (curve.empty()) return "";
  constexpr double width = 560;
  constexpr double height = 180;
  constexpr double left = 60;
  constexpr double top = 20;
  const auto trials = static_cast<double>(std::max<std::uint64_t>(curve.back().trials, 1));
  const auto most = static_cast<double>(std::max<std::size_t>(curve.back().covered, 1));
  const auto x = [&](double trial) { return std::to_string(left + width * trial / trials); };
  const auto y = [&](double covered) { return std::to_string(top + height * (1 - covered / most)); };
  std::string points = x(0) + "," + y(0);
  for (const CurvePoint& point : curve)
    points += " " + x(static_cast<double>(point.trials)) + "," + y(static_cast<double>(point.covered));
  std::string svg =
      "<figure class=\"coverage\"><svg viewBox=\"0 0 640 240\" role=\"img\" aria-label=\"Coverage against runs\">\n";
  svg += "<path class=\"axis\" d=\"M60 20V200H620\"/>\n<polyline class=\"curve\" points=\"" + points + "\"/>\n";
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const std::string at = x(static_cast<double>(findings[i].number));
    svg += "<path class=\"found\" d=\"M" + at + " 20V200\"><title>finding " + std::to_string(i + 1) + ", run " +
           show_count(findings[i].number) + "</title></path>\n";
  }
  svg += "<text x=\"54\" y=\"26\" text-anchor=\"end\">" + show_count(curve.back().covered) + "</text>\n";
  svg += "<text x=\"54\" y=\"204\" text-anchor=\"end\">0</text>\n";
  svg += "<text x=\"620\" y=\"220\" text-anchor=\"end\">" + show_count(curve.back().trials) + " runs</text>\n";
  return svg + "</svg>\n<figcaption>Buckets of coverage reached" +
         (findings.empty() ? "" : "; red: the first run of each finding") + ".</figcaption></figure>\n";
}

}  // namespace

std::string summary_json(const SearchSummary& summary) {
  const scenarios::Search& search = summary.search;
  Json json;
  json["scenario"] = search.scenario().name;
  json["search_seed"] = search.options().seed;
  json["guided"] = search.options().guided;
  json["ended"] = summary.ended;
  json["runs"] = search.tried();
  json["events"] = search.events();
  json["coverage"] = search.covered();
  json["corpus"] = search.corpus().size();
  json["last_new_run"] = search.last_new();
  json["contract"] = search.contract().words();
  json["findings"] = Json::array();
  for (std::size_t i = 0; i < search.findings().size(); ++i) {
    const Finding& finding = search.findings()[i];
    Json each;
    each["property"] = finding.violation.property;
    each["what"] = finding.violation.what;
    each["seconds"] = static_cast<double>(finding.violation.at.count()) / 1e9;
    each["first_run"] = finding.number;
    each["runs"] = finding.count;
    each["faults"] = finding.genome.deeds.size();
    if (finding.essence) {
      each["sentence"] = finding.essence->sentence;
      each["signature"] = finding.essence->signature;
      each["shrunk"] = {{"nodes", finding.essence->nodes},
                        {"deeds", finding.essence->deeds},
                        {"seconds", static_cast<double>(finding.essence->duration.count()) / 1e9}};
    }
    each["command"] = summary.reproduce[i];
    json["findings"].push_back(std::move(each));
  }
  json["curve"] = Json::array();
  for (const CurvePoint& point : summary.curve)
    json["curve"].push_back(
        {{"runs", point.trials}, {"coverage", point.covered}, {"corpus", point.corpus}, {"findings", point.findings}});
  return analysis::json_page(json);
}

std::string summary_page(const SearchSummary& summary) {
  const scenarios::Search& search = summary.search;
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Search: " +
      escaped(search.scenario().name) +
      "</title>\n<style>\n"
      ":root{color-scheme:light dark}\n"
      "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}\n"
      "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}\n"
      "pre{overflow-x:auto;padding:.75rem;border:1px solid #8886;border-radius:.25rem;font-size:.85rem}\n"
      "p,h1,h2,summary{overflow-wrap:anywhere}figure{margin:1rem 0}figcaption{font-size:.85rem}\n"
      ".coverage svg{width:100%;overflow:visible;font:12px system-ui,sans-serif}.coverage text{fill:currentColor}\n"
      ".axis{fill:none;stroke:currentColor}.curve{fill:none;stroke:#2a6fdb;stroke-width:2}.found{stroke:#d33}\n"
      ".steps{overflow-x:auto}.steps svg{display:block;height:auto;min-width:40rem;max-width:100%}\n"
      "@media(max-width:40rem){.coverage svg{font-size:20px}}\n"
      // A picture for white paper, turned so that its colours keep their hue.
      "@media(prefers-color-scheme:dark){.curve{stroke:#7cb0ff}.found{stroke:#ff6b6b}"
      ".steps svg{filter:invert(1) hue-rotate(180deg)}}\n"
      "</style>\n<h1>Search of " +
      escaped(search.scenario().name) + "</h1>\n";
  page += "<p>" + show_count(search.tried()) + " runs, " + show_count(search.events()) + " events; " +
          show_count(search.covered()) + " of " + show_count(scenarios::coverage_buckets) +
          " buckets of coverage reached, the last new one in run " + show_count(search.last_new()) + "; " +
          show_count(search.corpus().size()) + " runs kept; " +
          scenarios::show_counted(search.findings().size(), "finding") + ". Ended: " + escaped(summary.ended) +
          ".</p>\n";
  page += "<p>Faults: " + escaped(search.contract().words()) + ".</p>\n";
  page += drawn(summary.curve, search.findings());
  for (std::size_t i = 0; i < search.findings().size(); ++i) {
    const Finding& finding = search.findings()[i];
    page += "<h2>" + std::to_string(i + 1) + ". " + escaped(name_of(finding)) + "</h2>\n<p>At " +
            show_moment(finding.violation.at) + ": " + escaped(finding.violation.what) + ". First in run " +
            show_count(finding.number) + ", and in " + scenarios::show_counted(finding.count, "run") + " in all.</p>\n";
    if (finding.essence)
      page += "<p>Shrunk to " + scenarios::show_counted(finding.essence->nodes, "node") + " and " +
              scenarios::show_counted(finding.essence->deeds, "deed") + ": " + escaped(finding.essence->sentence) +
              "</p>\n<figure class=\"steps\">" + std::string(element_of(summary.pictures[i])) + "</figure>\n";
    page += "<pre>" + escaped(summary.reproduce[i]) + "</pre>\n<details><summary>The scenario</summary><pre>" +
            escaped(search.written(finding.genome)) + "</pre></details>\n";
  }
  return page + "<h2>Again</h2>\n<pre>" + escaped(summary.command) + "</pre>\n</html>\n";
}

}  // namespace peerbed::app
