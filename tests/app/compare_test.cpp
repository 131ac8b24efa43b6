// Comparisons from the shell: verdicts in words, and exit code 1 if something became worse.

#include <nlohmann/json.hpp>
#include <utility>

#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed::tests;

namespace {

// The slower the network, the longer lookups take.
const std::string slower_by = R"(duration: 30s
parameters: {latency: 20ms}
network: {latency: $latency, jitter: {exponential: 5ms}}
groups:
  nodes: {protocol: ring, count: 12}
workload:
  - {rate: 5/s, do: "lookup {key}"}
)";

}  // namespace

TEST_CASE("a slower network is worse by pairs of seeds, and in reverse it is better") {
  const Folder folder;
  folder.write("s.yaml", slower_by);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..10 -o a").code == 0);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..10 --set latency=22ms -o b").code == 0);
  const Outcome worse = folder.peerbed("compare a b --metric 'lookup.done.latency.m*'");
  CHECK(worse.code == 1);
  CHECK(worse.out.starts_with("A: a, s, 10 runs, version "));
  CHECK(worse.out.find("\nlookup.done.latency.mean") == std::string::npos);  // rows are indented
  CHECK(worse.out.find("  lookup.done.latency.mean") != std::string::npos);
  CHECK(worse.out.find("worse\n") != std::string::npos);
  CHECK(last_line(worse.out).ends_with(" tests (level 5%, Holm)."));
  const Outcome better = folder.peerbed("compare b a --metric lookup.done.latency.mean");
  CHECK(better.code == 0);
  CHECK(last_line(better.out) == "B is better in 1 of 1 test (level 5%, Holm).");
  const Outcome margin = folder.peerbed("compare a b --metric lookup.done.latency.mean --margin 50%");
  CHECK(margin.code == 0);
  CHECK(last_line(margin.out) == "No significant difference in 1 test (level 5%, Holm).");
  const auto json = nlohmann::json::parse(folder.peerbed("compare a b --metric lookup.done.latency.mean --json").out);
  CHECK(json["comparisons"][0]["test"] == "paired bootstrap");
  CHECK(json["comparisons"][0]["pairs"] == 10);
  CHECK(json["comparisons"][0]["verdict"] == "worse");
  CHECK(json["comparisons"][0]["low"] > 0);
}

TEST_CASE("sweeps with different seeds are compared by ranks, and a sweep does not differ from itself") {
  const Folder folder;
  folder.write("s.yaml", slower_by);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1..8 -o a").code == 0);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 11..18 --set latency=40ms -o b").code == 0);
  const auto json = nlohmann::json::parse(folder.peerbed("compare a b --metric lookup.done.latency.mean --json").out);
  CHECK(json["comparisons"][0]["test"] == "Mann-Whitney");
  CHECK(json["comparisons"][0]["verdict"] == "worse");
  const Outcome same = folder.peerbed("compare a a/results.sqlite");
  CHECK(same.code == 0);
  CHECK(same.out.find("The digests are equal: the runs are identical.\n") != std::string::npos);
  CHECK(last_line(same.out).starts_with("No significant difference in "));
}

TEST_CASE("two runs are compared by the distributions of what their nodes traced") {
  const Folder folder;
  folder.write("s.yaml", slower_by);
  REQUIRE(folder.peerbed("run s.yaml --out a").code == 0);
  REQUIRE(folder.peerbed("run s.yaml --set latency=60ms --out b").code == 0);
  const Outcome outcome = folder.peerbed("compare a b");
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("One run each: the tests compare only these two runs") != std::string::npos);
  CHECK(outcome.out.find("not tested") != std::string::npos);
  CHECK(last_line(outcome.out).starts_with("B is worse in "));
  CHECK(folder.peerbed("compare a a").code == 0);
  CHECK(text_of(folder / "a" / "distributions.csv").starts_with("metric,at_most,count\nlookup.done.hops,"));
}

TEST_CASE("a mistake in a comparison gives one sentence and its exit code") {
  const Folder folder;
  folder.write("s.yaml", slower_by);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1,2 --param latency=1ms,2ms -o a").code == 0);
  REQUIRE(folder.peerbed("sweep s.yaml --seeds 1,2 --param latency=3ms,4ms -o b").code == 0);
  fs::create_directories(folder / "empty");
  struct Answer {
    const char* arguments;
    int code;
    const char* sentence;
  };
  const Answer answers[] = {
      {"a", 2, "compare takes two folders: peerbed compare A B"},
      {"a b", 2, "a and b have no parameter values in common; sweep both over the same parameters"},
      {"a none", 3, "none: no such folder; check the path"},
      {"a empty", 3,
       "empty: contains neither a run nor the results of a sweep; create one with `peerbed run SCENARIO --out DIR` or "
       "`peerbed "
       "sweep SCENARIO -o DIR`"},
      {"a s.yaml", 3, "s.yaml: file is not a database"},
      {"a a --metric lookup.done.latncy.mean", 2,
       "unknown metric 'lookup.done.latncy.mean'; did you mean 'lookup.done.latency.mean'?"},
      {"a a --alpha 5", 2, "'--alpha 5' is not a percentage; write one such as 5%"},
      {"a a --correction bonferroni", 2,
       "'--correction bonferroni' is unknown; write holm, benjamini-hochberg or none"},
      {"a a --test t", 2, "'--test t' is unknown; write paired, mann-whitney or kolmogorov-smirnov"}};
  for (const Answer& answer : answers) {
    const Outcome outcome = folder.peerbed("compare " + std::string(answer.arguments));
    CHECK(outcome.err == std::string("peerbed: ") + answer.sentence + "\n");
    CHECK(outcome.code == answer.code);
  }
}
