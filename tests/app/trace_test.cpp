// Traces of runs, as shown by `peerbed trace`.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed::tests;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("a trace is the same in two runs, and goes to stderr if there is no folder for it") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r --trace").code == 0);
  REQUIRE(folder.peerbed("run small.yaml --out q --trace --queue heap").code == 0);
  CHECK(text_of(folder / "r/events.trace") == text_of(folder / "q/events.trace"));
  const Outcome kept = folder.peerbed("trace r --as jsonl");
  CHECK(kept.code == 0);
  CHECK(kept.err.empty());
  const Outcome live = folder.peerbed("run small.yaml --trace");
  CHECK(live.err == kept.out);
  const auto summary = nlohmann::json::parse(text_of(folder / "r/summary.json"));
  std::uint64_t steps = 0;
  std::uint64_t lookups = 0;
  for (const std::string& line : lines_of(kept.out)) {
    const auto json = nlohmann::json::parse(line);
    if (json.contains("event")) CHECK(json.at("event") == ++steps);
    if (json.contains("cause") && json.contains("event")) CHECK(json.at("cause") < json.at("event"));
    if (json.contains("report")) {
      CHECK(json.at("cause") == steps);
      lookups += json.at("report") == "lookup.done" ? 1 : 0;
    }
  }
  CHECK(steps == summary.at("events"));
  CHECK(lookups == summary.at("metrics").at("lookup.done.count"));
}

TEST_CASE("a window of a trace equals that part of the whole") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r --trace").code == 0);
  std::string expected;
  for (const std::string& line : lines_of(folder.peerbed("trace r --as jsonl").out)) {
    const auto json = nlohmann::json::parse(line);
    const std::int64_t time = json.at("ns");
    if (time < 10'000'000'000 || time >= 12'000'000'000) continue;
    if (json.at("node") == "nodes.3" || json.value("from", "") == "nodes.3") expected += line + "\n";
  }
  REQUIRE_FALSE(expected.empty());
  CHECK(folder.peerbed("trace r --as jsonl --from 10s --until 12s --node nodes.3").out == expected);
  const auto finds = lines_of(folder.peerbed("trace r --kind find --as csv").out);
  REQUIRE(finds.size() > 10);
  for (std::size_t i = 1; i < finds.size(); ++i) CHECK(finds[i].find(",find,") != std::string::npos);
}

TEST_CASE("a lookup is followed back to its command, and forward from it") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r --trace").code == 0);
  std::size_t followed = 0;
  for (const std::string& line : lines_of(folder.peerbed("trace r --as jsonl --kind lookup.done").out)) {
    const auto json = nlohmann::json::parse(line);
    if (json.at("success") != 1 || json.at("timeouts") != 0 || ++followed > 5) continue;
    const Outcome chain =
        folder.peerbed("trace r --as jsonl --causes --event " + std::to_string(json.at("cause").get<int>()));
    const auto steps = lines_of(chain.out);
    REQUIRE(steps.size() > 1);
    CHECK(nlohmann::json::parse(steps.front()).at("command").get<std::string>().starts_with("lookup "));
    CHECK(nlohmann::json::parse(steps.front()).at("node") == json.at("node"));
    // It takes as long as reported.
    CHECK(nlohmann::json::parse(steps.front()).at("ns").get<std::int64_t>() + json.at("latency").get<std::int64_t>() ==
          json.at("ns").get<std::int64_t>());
    const std::string begin = std::to_string(nlohmann::json::parse(steps.front()).at("event").get<int>());
    const auto effects = lines_of(folder.peerbed("trace r --as jsonl --effects --event " + begin).out);
    CHECK(effects.front() == steps.front());
    CHECK(std::find(effects.begin(), effects.end(), line) != effects.end());
    for (const std::string& step : steps) CHECK(std::find(effects.begin(), effects.end(), step) != effects.end());
  }
  CHECK(followed > 5);
}

TEST_CASE("what cannot be shown of a trace is reported in one sentence") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r --trace").code == 0);
  REQUIRE(folder.peerbed("run small.yaml --out bare").code == 0);
  folder.write("mine", "mine");
  struct Mistake {
    const char* arguments;
    const char* answer;
    int code;
  };
  const Mistake mistakes[] = {
      {"", "trace takes the folder of one run: peerbed trace RUN", 2},
      {"bare", "bare/events.trace: is missing; run the scenario again with --out and --trace", 3},
      {"none", "none: no such trace; run the scenario again with --out and --trace", 3},
      {"mine", "mine: this is not an event trace; run the scenario again with --out and --trace", 3},
      {"r --as xml", "'--as xml' is unknown; write text, jsonl, csv, pcap or perfetto", 2},
      {"r --as pcap",
       "a capture needs the payloads, which this trace does not contain; run the scenario again with --trace=payloads",
       2},
      {"r --causes", "--causes needs --event N", 2},
      {"r --effects", "--effects needs --event N", 2},
      {"r --event 1 --causes --effects", "--causes and --effects cannot be combined; give one of them", 2},
      {"r --effects --event 99999999", "the trace has no event 99999999", 2},
      {"r --event 0", "'--event 0' is not an event number; write a number from 1 up", 2},
      {"r --event 99999999", "the trace has no event 99999999", 2},
      {"r --from soon", "'--from soon' is not a time; write a duration with its unit, such as 40ms, 5s, 2min or 1h", 2},
      {"r -o mine", "mine: already exists; choose another name, or use --force to overwrite it", 3},
      {"r -o none/mine", "none/mine: cannot be written: No such file or directory; choose another place", 3},
      {"r --force", "--force needs --out FILE", 2}};
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.arguments);
    const Outcome outcome = folder.peerbed(std::string("trace ") + mistake.arguments);
    CHECK(outcome.err == std::string("peerbed: ") + mistake.answer + "\n");
    CHECK(outcome.code == mistake.code);
    CHECK(outcome.out.empty());
  }
  CHECK(text_of(folder / "mine") == "mine");
}

TEST_CASE("a trace that was cut short is shown as far as it goes, with a warning") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --set duration=30min --out r --trace").code == 0);
  REQUIRE(fs::file_size(folder / "r/events.trace") > 600'000);
  fs::resize_file(folder / "r/events.trace", 600'000);
  const Outcome outcome = folder.peerbed("trace r -o out.jsonl --as jsonl");
  CHECK(outcome.code == 3);
  CHECK(outcome.err.starts_with("peerbed: r/events.trace: the trace is truncated after event "));
  CHECK(lines_of(text_of(folder / "out.jsonl")).size() > 10'000);
}

TEST_CASE("only what is selected is recorded") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r --trace=reports --trace-from 10s --trace-until 20s").code == 0);
  const auto lines = lines_of(folder.peerbed("trace r --as jsonl").out);
  REQUIRE(lines.size() > 10);
  for (const std::string& line : lines) {
    const auto json = nlohmann::json::parse(line);
    CHECK(json.contains("report"));
    CHECK(json.at("ns") >= 10'000'000'000);
    CHECK(json.at("ns") < 20'000'000'000);
  }
  REQUIRE(folder.peerbed("run small.yaml --out q --trace --trace-nodes nodes.1,nodes.2").code == 0);
  for (const std::string& line : lines_of(folder.peerbed("trace q --as jsonl").out)) {
    const auto json = nlohmann::json::parse(line);
    const auto is_one = [](const std::string& name) { return name == "nodes.1" || name == "nodes.2"; };
    CHECK((is_one(json.at("node")) || is_one(json.value("from", ""))));
  }
}
