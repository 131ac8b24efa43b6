// `peerbed shrink` from the shell: what it writes stands for itself, and what it refuses.

#include <string>

#include "tests/app/json_result.h"
#include "tests/catch.h"

using namespace peerbed::tests;

namespace {

// All holders of a value stop at once, which is more than the ring is promised to bear.
const std::string lost = R"(duration: 5min
network: {latency: {uniform: {from: 10ms, to: 90ms}}, loss: 1%}
groups:
  nodes: {protocol: ring, count: 8, options: {replicas: 2}}
workload:
  - {every: 5s, from: 5s, do: "put file-{below:4} {text:20}"}
  - {rate: 1/s, from: 10s, do: "get file-{below:4}"}
faults:
  - {at: 60s, crash: 3, for: 20s}
  - {at: 2min, crash: [0-3, 5-7], disk: wipe}
  - {at: 3min, pause: 4, for: 5s}
checks: {every: 5s}
expect: [violations == 0]
)";

std::string without_command(const std::string& text) {
  const std::size_t begin = text.find("# Found by: ");
  const std::size_t end = text.find("\nname: ", begin);
  return end == std::string::npos ? text : text.substr(0, begin) + text.substr(end);
}

}  // namespace

TEST_CASE("a shrunk scenario says what happens in it, fails alike, and is not shrunk any more") {
  const Folder folder;
  folder.write("lost.yaml", lost);
  const Outcome run = folder.peerbed("run lost.yaml --seed 3");
  REQUIRE(run.code == 1);
  const std::size_t at = run.out.find("shrink: ");
  REQUIRE(at != std::string::npos);
  const std::string command = run.out.substr(at + 8, run.out.find('\n', at) - at - 8);
  const Outcome shrunk = folder.shell(command + " -o minimal.yaml --svg minimal.svg");
  CHECK(shrunk.code == 0);
  CHECK(shrunk.err.empty());
  const std::string text = text_of(folder / "minimal.yaml");
  INFO(text << shrunk.out);
  CHECK(text.starts_with("# "));
  CHECK(text.find("# Violated: acknowledged values survive\n") != std::string::npos);
  CHECK(text.find("# Seed: ") != std::string::npos);
  CHECK(text.find("shrink lost.yaml --seed 3") != std::string::npos);
  CHECK(text_of(folder / "minimal.svg").find("<svg") != std::string::npos);
  CHECK(folder.peerbed("run minimal.yaml").code == 1);
  CHECK(folder.peerbed("shrink minimal.yaml -o again.yaml").code == 0);
  CHECK(without_command(text_of(folder / "again.yaml")) == without_command(text));
  // Files are not overwritten unasked.
  CHECK(folder.peerbed("shrink minimal.yaml -o again.yaml").code == 3);
  CHECK(folder.peerbed("shrink minimal.yaml --svg minimal.svg").code == 3);
  CHECK(folder.peerbed("shrink minimal.yaml -o again.yaml --force").code == 0);
}

TEST_CASE("the folder of a run is shrunk like its scenario") {
  const Folder folder;
  folder.write("lost.yaml", lost);
  const Outcome run = folder.peerbed("run lost.yaml --out kept");
  REQUIRE(run.code == 1);
  CHECK(run.out.find("shrink kept") != std::string::npos);
  const auto one = json_of(folder, PEERBED_PROGRAM " shrink kept");
  const auto other = json_of(folder, PEERBED_PROGRAM " shrink lost.yaml");
  CHECK(one.at("signature") == other.at("signature"));
  CHECK(one.at("complete") == true);
  CHECK(one.at("scenario") == other.at("scenario"));
  CHECK(folder.peerbed("shrink kept --seed 4").code == 2);
  folder.shell("echo broken > kept/manifest.json");
  CHECK(folder.peerbed("shrink kept").code == 3);
  folder.shell("rm kept/scenario.resolved.yaml");
  CHECK(folder.peerbed("shrink kept").code == 3);
}

TEST_CASE("what does not fail, or is nothing to shrink, is refused in a sentence") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome good = folder.peerbed("shrink small.yaml -o none.yaml");
  CHECK(good.code == 2);
  CHECK(good.err.find("does not fail") != std::string::npos);
  CHECK_FALSE(fs::exists(folder / "none.yaml"));
  CHECK(folder.peerbed("shrink").code == 2);
  CHECK(folder.peerbed("shrink small.yaml small.yaml").code == 2);
  CHECK(folder.peerbed("shrink small.yaml --runs 0").code == 2);
  CHECK(folder.peerbed("shrink small.yaml --time soon").code == 2);
  CHECK(folder.peerbed("shrink small.yaml --force").code == 2);
  CHECK(folder.peerbed("shrink absent.yaml").code == 2);
}

TEST_CASE("an expectation that the run itself cannot meet is shrunk to nearly nothing") {
  const Folder folder;
  folder.write("never.yaml",
               "duration: 60s\ngroups: {nodes: {protocol: ring, count: 9}}\n"
               "workload: [{rate: 2/s, do: \"lookup {key}\"}]\nexpect: [lookup.done.count < 10]\n");
  const auto result = json_of(folder, PEERBED_PROGRAM " shrink never.yaml");
  CHECK(result.at("nodes") == 1);
  CHECK(result.at("deeds") == 10);
  CHECK(result.at("property") == "lookup.done.count < 10");
}
