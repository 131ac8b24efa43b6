// Plots from the shell.

#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed::tests;

namespace {

const std::string ring_of = R"(duration: 20s
parameters: {nodes: 12, delay: 20ms}
network: {latency: $delay, jitter: {exponential: 5ms}}
groups:
  nodes: {protocol: ring, count: $nodes}
workload:
  - {rate: 5/s, do: "lookup {key}"}
)";

std::size_t marks_in(const std::string& svg) {
  std::size_t count = 0;
  for (std::size_t at = svg.find("class=\"mark\""); at != std::string::npos; at = svg.find("class=\"mark\"", at + 1))
    ++count;
  return count;
}

bool holds(const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("a sweep is drawn as curves with intervals and theory, and as samples") {
  const Folder folder;
  folder.write("s.yaml", ring_of);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..3 --param nodes=8,16,32 -o a").code == 0);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..3 --param nodes=8,16,32 --set delay=60ms -o b").code == 0);
  const std::string curve =
      "plot a slow=b --figure curve --metric lookup.done.latency.mean --log x "
      "--theory 'theory=0.1+0.01*log2(x)' ";
  const Outcome drawn = folder.peerbed(curve + "-o curve.svg");
  CHECK(drawn.code == 0);
  CHECK(drawn.err.empty());
  const std::string svg = text_of(folder / "curve.svg");
  CHECK(marks_in(svg) == 2 * 3 + 2);
  for (const char* words :
       {">lookup.done.latency.mean (ms)<", ">nodes<", ">8<", ">16<", ">32<", ">a<", ">slow<", ">theory<"})
    CHECK(holds(svg, words));
  CHECK(folder.peerbed(curve + "-o again.svg").code == 0);
  CHECK(text_of(folder / "again.svg") == svg);
  const Outcome samples = folder.peerbed("plot a b --figure samples --metric lookup.done.latency.mean -o samples.svg");
  CHECK(samples.code == 0);
  CHECK(marks_in(text_of(folder / "samples.svg")) == 2 * 3 * 3 + 2);
  CHECK(folder.peerbed("plot a --figure curve --metric lookup.done.hops.mean -o x.pdf").code == 0);
  CHECK(text_of(folder / "x.pdf").starts_with("%PDF-"));
}

TEST_CASE("the settings of sweeps are drawn by what they cost") {
  const Folder folder;
  folder.write("s.yaml", ring_of);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..3 --param nodes=8,16,32 -o a").code == 0);
  const std::string plot = "plot a --figure cost --metric lookup.done.latency.mean ";
  CHECK(folder.peerbed(plot + "--x messages.bytes_per_node_second -o c.svg").code == 0);
  CHECK(marks_in(text_of(folder / "c.svg")) == 3);
  const Outcome table = folder.peerbed(plot + "--x messages.bytes_per_node_second --as markdown");
  CHECK(holds(table.out, "| a, nodes="));
  CHECK(holds(folder.peerbed(plot + "-o d.svg").err, "--x METRIC"));
  CHECK(holds(folder.peerbed(plot + "--x messages.byte -o d.svg").err, "did you mean 'messages.bytes'?"));
}

TEST_CASE("runs with one name are the points of a curve over a parameter of their scenario") {
  const Folder folder;
  folder.write("s.yaml", ring_of);
  REQUIRE(folder.peerbed("run s.yaml --out a").code == 0);
  REQUIRE(folder.peerbed("run s.yaml --set delay=40ms --out b").code == 0);
  const std::string plot = "plot ring=a ring=b --figure curve --metric lookup.done.latency.mean ";
  REQUIRE(folder.peerbed(plot + "-o c.svg").code == 0);
  const std::string svg = text_of(folder / "c.svg");
  CHECK(marks_in(svg) == 2);
  CHECK(holds(svg, ">delay (ms)<"));
  CHECK(holds(svg, ">40<"));
}

TEST_CASE("runs are drawn as distributions, by message and over time") {
  const Folder folder;
  folder.write("s.yaml", ring_of);
  REQUIRE(folder.peerbed("run s.yaml --out a").code == 0);
  REQUIRE(folder.peerbed("run s.yaml --set delay=60ms --out b").code == 0);
  CHECK(folder.peerbed("plot a b --figure distribution --metric lookup.done.latency -o d.svg").code == 0);
  CHECK(holds(text_of(folder / "d.svg"), ">lookup.done.latency (ms)<"));
  CHECK(holds(text_of(folder / "d.svg"), ">100<"));
  CHECK(folder.peerbed("plot a b --figure messages -o m.png").code == 0);
  CHECK(text_of(folder / "m.png").starts_with("\x89PNG"));
  folder.write("a/timeline.csv", "seconds,metric,value,unit\n0,messages.bytes,2048,B/s\n10,messages.bytes,4096,B/s\n");
  CHECK(folder.peerbed("plot a --figure timeline -o t.svg").code == 0);
  CHECK(holds(text_of(folder / "t.svg"), ">messages.bytes (KiB/s)<"));
  CHECK(holds(text_of(folder / "t.svg"), ">time (s)<"));
  const Outcome list = folder.peerbed("plot a --figure list");
  CHECK(list.code == 0);
  CHECK(holds(list.out,
              "distribution: cumulative distributions of the values that nodes report\n  --metric lookup.done.hops\n"));
  CHECK(holds(list.out, "messages: messages by kind\n"));
}

TEST_CASE("several metrics share a figure, within limits, and counts are steps") {
  const Folder folder;
  folder.write("s.yaml", ring_of);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..3 --param nodes=8,16,32 -o a").code == 0);
  const std::string both = "plot a --figure curve --metric lookup.done.latency.p50 --metric lookup.done.latency.p99 ";
  REQUIRE(folder.peerbed(both + "-o both.svg").code == 0);
  const std::string svg = text_of(folder / "both.svg");
  for (const char* words : {">lookup.done.latency (ms)<", ">p50<", ">p99<"}) CHECK(holds(svg, words));
  CHECK(marks_in(svg) == 2 * 3 + 2);
  REQUIRE(folder.peerbed(both + "--x-range 10..20 --y-range 0..1s -o part.svg").code == 0);
  const std::string part = text_of(folder / "part.svg");
  CHECK(marks_in(part) == 2 * 1 + 2);
  CHECK(holds(part, ">16<"));
  CHECK_FALSE(holds(part, ">32<"));
  CHECK(holds(part, ">1,000<"));
  REQUIRE(folder.peerbed("run s.yaml --out r").code == 0);
  // The same values differ in how they are drawn.
  folder.write("r/timeline.csv", "seconds,metric,value,unit\n0,n,2,\n10,n,4,\n");
  REQUIRE(folder.peerbed("plot r --figure timeline -o level.svg").code == 0);
  folder.write("r/timeline.csv", "seconds,metric,value,unit\n0,n,2,count\n10,n,4,count\n");
  REQUIRE(folder.peerbed("plot r --figure timeline -o count.svg").code == 0);
  CHECK(holds(text_of(folder / "count.svg"), ">n<"));
  CHECK(holds(text_of(folder / "level.svg"), "M24.72 210.01L321.26 22\""));
  CHECK(holds(text_of(folder / "count.svg"), "M24.72 210.01L177.44 210.01L177.44 22L330.16 22"));
  const Outcome mixed =
      folder.peerbed("plot a --figure curve --metric lookup.done.latency.p50 --metric lookup.done.hops.mean -o x.svg");
  CHECK(mixed.code == 2);
  CHECK(holds(mixed.err, "have different units; draw them in two figures"));
  const Outcome range =
      folder.peerbed("plot a --figure curve --metric lookup.done.latency.p50 --y-range 5s..1s -o x.svg");
  CHECK(range.code == 2);
  CHECK(holds(range.err, "'--y-range 5s..1s' is not a range of this axis; write LOW..HIGH, such as 0..500ms"));
}

TEST_CASE("the numbers of a figure are a table in Markdown or LaTeX, with intervals") {
  const Folder folder;
  folder.write("s.yaml", ring_of);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..3 --param nodes=8,16 -o a_b").code == 0);
  const std::string curve = "plot a_b --figure curve --metric lookup.done.latency.mean --as ";
  const Outcome markdown = folder.peerbed(curve + "markdown");
  REQUIRE(markdown.code == 0);
  CHECK(markdown.out.starts_with("| nodes | lookup.done.latency.mean (ms) |\n|---|---:|\n| 8 | "));
  CHECK(holds(markdown.out, "\n| 16 | "));
  CHECK(holds(markdown.out, " to "));
  REQUIRE(folder.peerbed(curve + "latex -o t.tex").code == 0);
  const std::string latex = text_of(folder / "t.tex");
  CHECK(latex.starts_with("\\begin{tabular}{lr}\n"));
  CHECK(latex.ends_with("\\end{tabular}\n"));
  CHECK(holds(latex, "--"));
  const Outcome samples =
      folder.peerbed("plot one=a_b two_=a_b --figure samples --metric lookup.done.latency.mean --as latex");
  REQUIRE(samples.code == 0);
  CHECK(holds(samples.out, "nodes=8 & 3 & "));
  CHECK(holds(samples.out, "median, two\\_"));
}

TEST_CASE("the worst history of a run is drawn as a time diagram") {
  const Folder folder;
  folder.write("s.yaml", R"(duration: 60s
network: {latency: {uniform: {from: 10ms, to: 80ms}}, loss: 5%}
groups: {n: {protocol: ring, count: 12, options: {hedge_after: 100ms}}}
workload:
  - {rate: 4/s, from: 1s, until: 50s, do: "put k {text:9}"}
  - {rate: 20/s, from: 1s, until: 50s, do: "get k"}
checks: [history]
expect: [history.keys == 1]
)");
  const Outcome run = folder.peerbed("run s.yaml --out a");
  REQUIRE(run.code == 0);
  CHECK(holds(run.out, "Histories of 1 key, with "));
  const Outcome drawn = folder.peerbed("plot a --figure history -o h.svg");
  CHECK(drawn.code == 0);
  CHECK(drawn.err.empty());
  const std::string svg = text_of(folder / "h.svg");
  for (const char* words : {">Key ", ">put or remove<", ">get<", ">begins and ends in their order; time (s)<"})
    CHECK(holds(svg, words));
  CHECK(folder.peerbed("plot a --figure history --theme dark -o h.png").code == 0);
}

TEST_CASE("a mistake in a plot command gives one sentence and its exit code") {
  const Folder folder;
  folder.write("s.yaml", ring_of);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..2 --param nodes=8,16 -o a").code == 0);
  const auto fails = [&folder](const std::string& arguments, int code, const std::string& sentence) {
    const Outcome outcome = folder.peerbed("plot " + arguments);
    INFO(arguments);
    CHECK(outcome.code == code);
    CHECK(outcome.err == "peerbed: " + sentence + "\n");
  };
  const std::string curve = "a --figure curve --metric lookup.done.hops.mean ";
  fails("", 2, "plot takes folders of runs or sweeps: peerbed plot RUN... --figure NAME -o x.svg");
  fails("a -o x.svg", 2, "plot needs a --figure; --figure list shows the available ones");
  fails("a --figure pie -o x.svg", 2,
        "'--figure pie' is unknown; write curve, cost, samples, distribution, timeline, messages, history or list");
  fails("a --figure timeline -o x.svg", 2,
        "no figure 'timeline' for these folders; available are curve, cost, samples, distribution and messages");
  fails("a --figure history -o x.svg", 2,
        "no figure 'history' for these folders; available are curve, cost, samples, distribution and messages");
  fails("a --figure curve --metric lookup.done.hop.mean -o x.svg", 2,
        "unknown metric 'lookup.done.hop.mean' for the figure 'curve'; did you mean 'lookup.done.hops.mean'?");
  fails("a --figure distribution -o x.svg", 2,
        "the figure 'distribution' needs a --metric; available are lookup.done.hops, lookup.done.latency and "
        "lookup.done.timeouts");
  fails(curve + "-o x.gif", 2, "'--out x.gif' has an unknown file extension; use .svg, .pdf or .png");
  fails(curve + "--x weight -o x.svg", 2, "unknown parameter 'weight'; these folders have nodes");
  fails(
      curve + "--theory 'log3(x)' -o x.svg", 2,
      "'--theory log3(x)' is not a metric of these folders, and the formula 'log3(x)' needs a number, x, y, or one of "
      "log2 "
      "log10 ln exp sqrt abs before 'log3(x)'");
  fails(curve + "--log z -o x.svg", 2, "'--log z' is unknown; write x, y or xy");
  fails(curve + "--width 5 -o x.svg", 2,
        "'--width 5' is not a valid width in millimetres; write a number from 50 to 1000");
  fails("nowhere --figure curve -o x.svg", 3, "nowhere: no such folder; check the path");
  fails(curve + "-o no/x.svg", 3, "no/x.svg: cannot be written: No such file or directory; choose another place");
  folder.write("x.svg", "mine");
  fails(curve + "-o x.svg", 3, "x.svg: already exists; choose another name, or use --force to overwrite it");
  CHECK(text_of(folder / "x.svg") == "mine");
  CHECK(folder.peerbed("plot " + curve + "-o x.svg --force").code == 0);
  CHECK(holds(text_of(folder / "x.svg"), "</svg>"));
}
