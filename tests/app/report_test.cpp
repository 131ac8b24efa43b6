// Reports of runs and sweeps: their documents, and what a folder needs for one.

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "app/report/report_document.h"
#include "app/report/report_page.h"
#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed::tests;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

// A folder with one run, for tests that only read it or damage a copy.
const Folder& kept() {
  static const Folder folder;
  static const bool made = [] {
    folder.write("small.yaml", small);
    REQUIRE(folder.peerbed("run small.yaml --out r").code == 0);
    return true;
  }();
  REQUIRE(made);
  return folder;
}

json document_of(const Outcome& outcome) {
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  return json::parse(outcome.out);
}

// Removes wall-clock times and the names of folders.
json without_time(json document) {
  document.erase("made");
  for (json& run : document.at("runs"))
    for (const char* key : {"folder", "command", "replay", "real_seconds"}) run.erase(key);
  return document;
}

}  // namespace

TEST_CASE("the document of a report agrees with the run's files") {
  const json document = document_of(kept().peerbed("report r --json"));
  CHECK(document.at("format") == 1);
  REQUIRE(document.at("runs").size() == 1);
  const json& run = document.at("runs")[0];
  const json summary = json::parse(text_of(kept() / "r/summary.json"));
  for (const char* key : {"seed", "digest", "good", "events", "expectations", "violations", "simulated_seconds"})
    CHECK(run.at(key) == summary.at(key));
  CHECK(run.at("title") == "small");
  CHECK(run.at("on") == "simulation");
  CHECK(run.at("scenario_yaml") == text_of(kept() / "r/scenario.resolved.yaml"));
  CHECK(run.at("replay") == PEERBED_PROGRAM " replay r --verify");
  CHECK(run.at("metrics").size() == summary.at("metrics").size());
  CHECK(run.at("metrics").at("lookup.done.latency.mean")[0] == summary.at("metrics").at("lookup.done.latency.mean"));
  CHECK(run.at("metrics").at("lookup.done.latency.mean")[1] == "ns");
  CHECK(run.at("metrics").at("lookup.done.latency.mean")[2] == "less");
  CHECK(run.at("nodes").size() == 12);
  CHECK(run.at("lives").size() == summary.at("metrics").at("nodes.started"));
  CHECK(run.at("ring").at("frames").size() >= 10);
  CHECK(run.at("words")[0] == "12 nodes of ring in group nodes");
}

TEST_CASE("the document's distributions, messages and timeline add up to the run") {
  const json run = document_of(kept().peerbed("report r --json")).at("runs")[0];
  std::uint64_t lookups = 0;
  for (const json& row : run.at("distributions").at("lookup.done.latency").at("rows"))
    lookups += row[1].get<std::uint64_t>();
  CHECK(run.at("metrics").at("lookup.done.count")[0] == lookups);
  CHECK(run.at("distributions").at("lookup.done.latency").at("unit") == "ns");
  double sent = 0;
  for (const json& message : run.at("messages")) sent += message.at("count").get<double>();
  CHECK(run.at("metrics").at("messages.sent")[0] == sent);
  for (const json& series : run.at("timeline").at("series")) {
    if (series.at("metric") != "messages.sent") continue;
    double sum = 0;
    for (const json& value : series.at("values")) sum += value.get<double>();
    CHECK(sum == sent);
    CHECK(series.at("unit") == "count");
    CHECK(series.at("better") == "less");
    sent = -1;
  }
  CHECK(sent == -1);
}

TEST_CASE("two runs of one scenario have the same document, and one report shows both") {
  REQUIRE(kept().peerbed("run small.yaml --out again --force").code == 0);
  const json both = document_of(kept().peerbed("report r again --json"));
  REQUIRE(both.at("runs").size() == 2);
  const json whole = without_time(both);
  CHECK(whole.at("runs")[0] == whole.at("runs")[1]);
}

TEST_CASE("a folder with a missing or broken file gives one sentence") {
  for (const char* name : {"timeline.csv", "chronicle.json", "metrics.csv", "distributions.csv", "manifest.json",
                           "scenario.resolved.yaml"}) {
    const Folder folder;
    fs::copy(kept() / "r", folder / "r");
    fs::remove(folder / "r" / name);
    const Outcome missing = folder.peerbed("report r --json");
    CHECK(missing.code == 3);
    CHECK(missing.err == "peerbed: r/" + std::string(name) + ": is missing; run the scenario again with --out\n");
    if (std::string(name) == "scenario.resolved.yaml") continue;
    std::ofstream(folder / "r" / name) << "{\"a\":[1,\n";
    const Outcome broken = folder.peerbed("report r --json");
    CHECK(broken.code == 3);
    CHECK(broken.err == "peerbed: r/" + std::string(name) + ": is damaged; run the scenario again with --out\n");
  }
}

TEST_CASE("a folder that holds neither a run nor a sweep is refused") {
  CHECK(kept().peerbed("report none --json").err == "peerbed: none: no such folder; check the path\n");
  fs::create_directories(kept() / "empty");
  const Outcome empty = kept().peerbed("report empty --json");
  CHECK(empty.code == 3);
  CHECK(empty.err.find("contains neither a run nor a sweep") != std::string::npos);
  CHECK(kept().peerbed("report").code == 2);
  CHECK(kept().peerbed("report r").code == 2);
}

TEST_CASE("an existing report is refused without --force and replaced with it") {
  kept().write("there.json", "old");
  const Outcome refused = kept().peerbed("report r --json -o there.json");
  CHECK(refused.code == 3);
  CHECK(refused.err.find("there.json: already exists") != std::string::npos);
  CHECK(text_of(kept() / "there.json") == "old");
  CHECK(kept().peerbed("report r --json -o there.json --force").code == 0);
  CHECK(json::parse(text_of(kept() / "there.json")).at("runs").size() == 1);
  CHECK(kept().peerbed("report r --json -o no/such/folder.json").code == 3);
}

TEST_CASE("a report is the page with the document in it, or a sentence that says why not") {
  const Outcome report = kept().peerbed("report r -o report.html --force");
  if (peerbed::app::report_page().empty()) {
    CHECK(report.code == 2);
    CHECK(report.err.find("install npm and rebuild") != std::string::npos);
    return;
  }
  CHECK(report.code == 0);
  const std::string html = text_of(kept() / "report.html");
  CHECK(html.find("<script type=\"application/json\" id=\"peerbed-document\">{\"format\":1,") != std::string::npos);
  CHECK(html.find("PEERBED-DOCUMENT") == std::string::npos);
}

TEST_CASE("a document cannot end the script element of its page") {
  const std::string page = "<body><!--PEERBED-DOCUMENT--></body>";
  const std::string filled = peerbed::app::filled_page(page, R"({"a":"</script><!--"})");
  CHECK(filled ==
        "<body><script type=\"application/json\" id=\"peerbed-document\">"
        R"({"a":"\u003c/script>\u003c!--"})"
        "</script></body>");
}

TEST_CASE("the document of a sweep has its metrics, theory and failures") {
  const Folder folder;
  folder.write("small.yaml", small + "parameters: {count: 8}\n");
  std::string text = small;
  text.replace(text.find("count: 12"), 9, "count: $count");
  text.replace(text.find("lookup.done.count > 10"), 22, "lookup.done.count > 150");
  folder.write("small.yaml", "parameters: {count: 8}\n" + text);
  CHECK(folder.peerbed("sweep small.yaml --seeds 1..3 --param count=8,16 -o s").code <= 1);
  const json document = document_of(folder.peerbed("report s --json"));
  REQUIRE(document.at("sweeps").size() == 1);
  const json& sweep = document.at("sweeps")[0];
  CHECK(sweep.at("parameters") == json{"count"});
  CHECK(sweep.at("seeds") == 3);
  const auto point_of = [&sweep](const std::string& name) -> const json& {
    const auto found = std::find_if(sweep.at("metrics").begin(), sweep.at("metrics").end(),
                                    [&name](const json& each) { return each.at("metric") == name; });
    REQUIRE(found != sweep.at("metrics").end());
    REQUIRE(found->at("points").size() == 2);
    return found->at("points")[1];
  };
  const json& point = point_of("lookup.done.hops.mean");
  CHECK(point.at("values") == json{"16"});
  REQUIRE(point.at("samples").size() == 3);
  double sum = 0;
  for (const json& sample : point.at("samples")) sum += sample.get<double>();
  CHECK(point.at("mean").get<double>() == Approx(sum / 3));
  CHECK(point.at("low").get<double>() <= point.at("mean").get<double>());
  CHECK(point.at("theory").get<double>() == Approx(0.5 * std::log2(point_of("ring.members").at("mean").get<double>())));
  CHECK(sweep.at("failures").size() == 6);
  const std::string again = sweep.at("failures")[0].at("again");
  CHECK(again.find(" run small.yaml --set count=8 --seed ") != std::string::npos);
}

TEST_CASE("a traced run has its events in the document, and --window selects them") {
  REQUIRE(kept().peerbed("run small.yaml --out traced --trace --force").code == 0);
  const json events = document_of(kept().peerbed("report traced --json")).at("runs")[0].at("space_time");
  CHECK(events.at("chosen").get<std::string>().find("lookup.done") != std::string::npos);
  REQUIRE(events.at("steps").size() > 3);
  const json window =
      document_of(kept().peerbed("report traced --json --window 10s..10.5s")).at("runs")[0].at("space_time");
  CHECK(window.at("from") == 10);
  CHECK(window.at("until") == 10.5);
  std::map<std::uint64_t, double> times;
  std::size_t caused = 0;
  for (const json& step : window.at("steps")) {
    CHECK(step.at("s").get<double>() >= 10);
    CHECK(step.at("s").get<double>() < 10.5);
    CHECK(step.at("n").get<int>() < 12);
    times[step.at("e")] = step.at("s");
    const auto cause = step.contains("cause") ? times.find(step.at("cause")) : times.end();
    if (cause == times.end()) continue;
    CHECK(cause->second <= step.at("s").get<double>());
    ++caused;
  }
  CHECK(caused > 10);
}

TEST_CASE("a window needs a trace and two times") {
  const Outcome untraced = kept().peerbed("report r --json --window 10s..11s");
  CHECK(untraced.code == 3);
  CHECK(untraced.err.find("r/events.trace: is missing; run the scenario again with --out and --trace") !=
        std::string::npos);
  CHECK_FALSE(document_of(kept().peerbed("report r --json")).at("runs")[0].contains("space_time"));
  for (const char* window : {"10s", "11s..10s", "10..11", "..", "10s..", "''"}) {
    const Outcome wrong = kept().peerbed("report r --json --window " + std::string(window));
    CHECK(wrong.code == 2);
    CHECK(wrong.err.find("write --window 12s..12.4s") != std::string::npos);
  }
}

TEST_CASE("a timeline of very many intervals is condensed and still adds up") {
  REQUIRE(kept().peerbed("run small.yaml --out fine --interval 10ms --force").code == 0);
  const json run = document_of(kept().peerbed("report fine --json")).at("runs")[0];
  const json& timeline = run.at("timeline");
  CHECK(timeline.at("interval") == 0.06);
  CHECK(timeline.at("series_thinned").at("of") == 3000);
  double sent = 0;
  for (const json& series : timeline.at("series")) {
    CHECK(series.at("values").size() <= 500);
    if (series.at("metric") == "messages.sent")
      for (const json& value : series.at("values")) sent += value.get<double>();
    if (series.at("metric") == "nodes.up")
      for (const json& value : series.at("values")) CHECK(value.get<double>() <= 12);
  }
  CHECK(run.at("metrics").at("messages.sent")[0] == sent);
  for (const char* wrong : {"0s", "1us", "1ms", "5", "''"})
    CHECK(kept().peerbed("run small.yaml --out fine --force --interval " + std::string(wrong)).code == 2);
  CHECK(kept().peerbed("run small.yaml --interval 1s").code == 2);
}
