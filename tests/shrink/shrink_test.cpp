// Failing scenarios are made as small as they can be, and stay failures of the same kind.

#include "scenarios/shrink/shrink.h"

#include "scenarios/coursework/coursework_protocol.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "scenarios/text/units.h"
#include "tests/catch.h"
#include "tests/shrink/toys.h"

using namespace peerbed;
using namespace peerbed::scenarios;
using namespace peerbed::tests;

namespace {

Scenario load(const std::string& text, const Registry& registry, std::uint64_t seed = 1) {
  return load_scenario(parse_document(text, "t.yaml"), registry, {{"seed", std::to_string(seed), "--seed"}});
}

ShrinkResult shrunk(const std::string& text, const Registry& registry, std::uint64_t seed = 1) {
  ShrinkResult result = shrink(load(text, registry, seed), registry, {});
  UNSCOPED_INFO(write_document(result.document));
  UNSCOPED_INFO(result.signature.text());
  return result;
}

std::vector<std::string> verbs_of(const ShrinkResult& result) {
  std::vector<std::string> verbs;
  for (const SliceStep& step : result.signature.slice)
    if (step.is_deed) verbs.push_back(step.word);
  return verbs;
}

using Verbs = std::vector<std::string>;

}  // namespace

TEST_CASE("a lost answer among hundreds of losses is found, with its command and two nodes") {
  const ShrinkResult result = shrunk(noisy_granters, toys());
  REQUIRE(result.first);
  CHECK(result.is_same_run);
  CHECK(result.is_complete);
  CHECK(result.nodes == 2);
  CHECK(result.deeds == 2);
  CHECK(verbs_of(result) == Verbs{"go", "lose grant"});
  CHECK(result.scenario->duration <= std::chrono::seconds(5));
}

TEST_CASE("of several crashes the one that leaves a node without neighbours is kept") {
  const ShrinkResult result = shrunk(noisy_neighbours, toys());
  REQUIRE(result.first);
  CHECK(result.is_same_run);
  CHECK(result.nodes == 2);
  CHECK(result.deeds == 1);
  CHECK(verbs_of(result) == Verbs{"crash"});
}

TEST_CASE("of hundreds of commands the two that meet are kept, at a node that runs from the start") {
  const ShrinkResult result = shrunk(noisy_registers, toys());
  REQUIRE(result.first);
  CHECK(result.is_same_run);
  CHECK(result.nodes == 1);
  CHECK(result.deeds == 2);
  CHECK(verbs_of(result) == Verbs{"set", "set"});
}

TEST_CASE("what is needed only for another failure not to come first is kept, and that failure is reported") {
  const ShrinkResult result = shrunk(kettles, toys());
  REQUIRE(result.first);
  CHECK(result.first->property == "none boils over");
  CHECK(result.nodes == 1);
  CHECK(verbs_of(result) == Verbs{"fill", "heat", "heat"});
  REQUIRE(result.slips.size() == 1);
  CHECK(result.slips.front().failure.property == "none burns");
  const Scenario slip = load_scenario(parse_document(write_document(result.slips.front().document), "t.yaml"), toys());
  const RunResult run = run_scenario(slip);
  REQUIRE_FALSE(run.violations.empty());
  CHECK(run.violations.front().property == "none burns");
}

TEST_CASE("of several properties that are violated at once, runs and trials name the same one first") {
  const ShrinkResult result = shrunk(tipped_kettles, toys());
  REQUIRE(result.first);
  CHECK(result.first->property ==
        "none burns");  // which is checked first, though the other comes first in the alphabet
  CHECK(result.nodes == 1);
  CHECK(verbs_of(result) == Verbs{"tip"});
}

TEST_CASE("a partition is shrunk to the one message that it cuts off") {
  const ShrinkResult result = shrunk(cut_granters, toys());
  REQUIRE(result.first);
  CHECK(result.nodes == 2);
  CHECK(verbs_of(result) == Verbs{"go", "lose grant"});
  CHECK(sentence_of(result).find("is lost") != std::string::npos);
}

TEST_CASE("nodes of a group that run from the start stay those that do") {
  const ShrinkResult result = shrunk(late_registers, toys());
  REQUIRE(result.first);
  CHECK(result.is_same_run);
  CHECK(result.nodes == 1);
}

TEST_CASE("what was set beside the scenario's file is left out like the rest") {
  const Scenario scenario = load_scenario(parse_document(noisy_registers, "t.yaml"), toys(),
                                          {{"network.reorder", "{share: 10%, delay: 1s}", "--set"}});
  const ShrinkResult result = shrink(scenario, toys(), {});
  REQUIRE(result.first);
  CHECK(result.nodes == 1);
  CHECK(write_document(result.document).find("reorder") == std::string::npos);
}

TEST_CASE("a run that an exception ends is shrunk to what throws it") {
  const ShrinkResult result = shrunk(bursting_kettles, toys());
  REQUIRE(result.first);
  CHECK(result.first->kind == Failure::Kind::ended);
  CHECK(result.nodes == 1);
  CHECK(verbs_of(result) == Verbs{"burst"});
  CHECK(result.failure.what.find("burst after") != std::string::npos);
}

TEST_CASE("a scenario that is shrunk twice is the one that was shrunk once") {
  for (const char* text : {noisy_granters, noisy_neighbours, noisy_registers, kettles, tipped_kettles, cut_granters,
                           late_registers, bursting_kettles}) {
    const ShrinkResult once = shrunk(text, toys());
    REQUIRE(once.is_complete);
    const std::string written = write_document(once.document);
    const ShrinkResult twice = shrink(load_scenario(parse_document(written, "t.yaml"), toys()), toys(), {});
    CHECK(write_document(twice.document) == written);
  }
}

TEST_CASE("what is written fails as it was found to fail") {
  for (const char* text : {noisy_granters, noisy_neighbours, noisy_registers}) {
    const ShrinkResult result = shrunk(text, toys());
    const Scenario minimal = load_scenario(parse_document(write_document(result.document), "t.yaml"), toys());
    const RunResult run = run_scenario(minimal);
    CHECK_FALSE(run.good());
    REQUIRE(!run.violations.empty());
    CHECK(run.violations.front().property == result.first->property);
    CHECK(run.violations.front().first.what == result.failure.what);
  }
}

TEST_CASE("a run that does not fail is left alone") {
  const ShrinkResult result = shrunk("duration: 10s\ngroups: {n: {protocol: register, count: 2}}\n", toys());
  CHECK_FALSE(result.first);
  CHECK(result.runs == 1);
}

TEST_CASE("shrinking stops at its limit of runs and keeps the best so far") {
  ShrinkLimits limits;
  limits.most_runs = 10;
  const ShrinkResult result = shrink(load(noisy_granters, toys()), toys(), limits);
  REQUIRE(result.first);
  CHECK_FALSE(result.is_complete);
  CHECK(result.runs <= limits.most_runs + 1);
  const RunResult run = run_scenario(load_scenario(parse_document(write_document(result.document), "t.yaml"), toys()));
  CHECK_FALSE(run.good());
}

TEST_CASE("different seeds of one fault are shrunk to one signature") {
  for (const char* text : {noisy_granters, noisy_neighbours, noisy_registers}) {
    std::set<std::string> signatures;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const ShrinkResult result = shrunk(text, toys(), seed);
      if (result.first) signatures.insert(result.signature.text());
    }
    CHECK(signatures.size() == 1);
  }
}

TEST_CASE("an expectation is not made to fail by leaving out what it is about") {
  const std::string text =
      "duration: 60s\nnetwork: {latency: 10ms}\ngroups: {nodes: {protocol: granter, count: 6}}\n"
      "workload: [{every: 1s, do: go 0}]\n"
      "faults: [{at: 20s, crash: 0, for: 20s}, {at: 30s, pause: 3, for: 5s}]\n"
      "expect: [granted.count >= 40]\n";
  const ShrinkResult result = shrunk(text, toys());
  REQUIRE(result.first);
  CHECK(result.first->property == "granted.count >= 40");
  CHECK(verbs_of(result).size() > 0);
  CHECK(result.scenario->expectations.size() == 1);
  // Its commands are still there, and enough of them to be met without the crash.
  CHECK(result.deeds >= 41);
}
