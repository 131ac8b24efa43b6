// Runs that are saved, replayed, damaged and interrupted.

#include <nlohmann/json.hpp>

#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed::tests;

namespace fs = std::filesystem;

TEST_CASE("a saved run replays, and a folder that holds one is refused without --force") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome run = folder.peerbed("run small.yaml --out r --trace --json");
  REQUIRE(run.code == 0);
  for (const char* name : {"r/scenario.resolved.yaml", "r/manifest.json", "r/events.hash", "r/metrics.csv",
                           "r/summary.json", "r/events.trace"})
    CHECK(fs::file_size(folder / name) > 0);
  CHECK(text_of(folder / "r/summary.json") == run.out);
  CHECK(text_of(folder / "r/scenario.resolved.yaml").find("churn") == std::string::npos);
  const auto json = nlohmann::json::parse(run.out);
  CHECK(fs::file_size(folder / "r/events.hash") == 8 + 4 * json.at("events").get<std::uintmax_t>());

  CHECK(folder.peerbed("run small.yaml --out r").code == 3);
  CHECK(folder.peerbed("run small.yaml --out r --force").code == 0);
  const Outcome verified = folder.peerbed("replay r --verify");
  CHECK(verified.code == 0);
  CHECK(verified.out.find("events identical") != std::string::npos);
  CHECK(folder.peerbed("replay r --queue heap").code == 0);
  CHECK(folder.peerbed("replay none").code == 3);
}

TEST_CASE("a replay that differs returns 4, and --verify names the first differing event") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r").code == 0);
  std::string hashes = text_of(folder / "r/events.hash");
  hashes[8 + 4 * 99] = static_cast<char>(hashes[8 + 4 * 99] ^ 1);
  std::ofstream(folder / "r/events.hash", std::ios::binary) << hashes;
  const Outcome flipped = folder.peerbed("replay r --verify");
  CHECK(flipped.code == 4);
  CHECK(flipped.err.find("event 100 differs from the record; it is now ") != std::string::npos);

  std::string resolved = text_of(folder / "r/scenario.resolved.yaml");
  resolved.replace(resolved.find("2%"), 2, "3%");
  std::ofstream(folder / "r/scenario.resolved.yaml") << resolved;
  const Outcome changed = folder.peerbed("replay r");
  CHECK(changed.code == 4);
  CHECK(changed.err.find("the replay diverged: the digest is ") != std::string::npos);
}

TEST_CASE("Ctrl-C ends a run with partial results, and returns 130") {
  const Folder folder;
  folder.write("long.yaml", "duration: 300h\ngroups: {a: {protocol: ring, count: 100}}\n");
  const std::string command = "cd " + (folder / ".").string() +
                              " && timeout --foreground --preserve-status -s INT 2 " PEERBED_PROGRAM
                              " run long.yaml --json >out.txt 2>err.txt; "
                              "test $? -eq 130";
  CHECK(std::system(command.c_str()) == 0);
  CHECK(nlohmann::json::parse(text_of(folder / "out.txt")).at("interrupted") == true);
}

TEST_CASE("an interrupted record is verified as far as it goes") {
  const Folder folder;
  folder.write("long.yaml", "duration: 300h\ngroups: {a: {protocol: ring, count: 100}}\n");
  const Outcome run = folder.shell("timeout --foreground --preserve-status -s INT 1.5 " PEERBED_PROGRAM
                                   " run long.yaml --out r >/dev/null");
  CHECK(run.code == 130);
  CHECK(folder.peerbed("replay r").err ==
        "peerbed: r contains an interrupted run; `peerbed replay r --verify` compares its events\n");
  const Outcome verified = folder.peerbed("replay r --verify");
  CHECK(verified.code == 0);
  CHECK(verified.out.find("events identical, up to the interruption") != std::string::npos);
}

TEST_CASE("a damaged record is reported with the file and the remedy") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r").code == 0);
  struct Damage {
    const char* command;
    const char* answer;
    int code;
  };
  const Damage damages[] = {
      {"rm r/summary.json", "peerbed: r/summary.json: is missing; give the folder of a run that was saved with --out",
       3},
      {"echo '{' >r/summary.json",
       "peerbed: r/summary.json: not the summary of a run; run the scenario again with --out", 3},
      {"sed -i 's/\"digest\": .*/\"digest\": 7,/' r/summary.json",
       "peerbed: r/summary.json: not the summary of a run; run the scenario again with --out", 3},
      {"rm r/events.hash", "peerbed: r/events.hash: no such event record; run the scenario again with --out", 3},
      {": >r/events.hash", "peerbed: r/events.hash: this is not an event record; run the scenario again with --out", 3},
      {"truncate -s 1001 r/events.hash",
       "peerbed: r/events.hash: this is not an event record; run the scenario again with --out", 3},
      {"rm r/scenario.resolved.yaml",
       "peerbed: r/scenario.resolved.yaml: is missing; run the scenario again with --out", 3}};
  for (const Damage& damage : damages) {
    CAPTURE(damage.command);
    REQUIRE(folder.shell(std::string("rm -rf d; cp -r r d; mv r whole; mv d r; ") + damage.command).code == 0);
    const Outcome outcome = folder.peerbed("replay r --verify");
    CHECK(outcome.err == std::string(damage.answer) + "\n");
    CHECK(outcome.code == damage.code);
    REQUIRE(folder.shell("rm -r r; mv whole r").code == 0);
  }
}

TEST_CASE("a record that is too short or too long, or a changed summary, is a divergence") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r").code == 0);
  const auto after = [&](const std::string& damage) {
    REQUIRE(folder.shell("rm -rf d; cp -r r d; " + damage).code == 0);
    const Outcome outcome = folder.peerbed("replay d --verify");
    CHECK(outcome.code == 4);
    return outcome.err;
  };
  CHECK(after("truncate -s 1008 d/events.hash")
            .starts_with("d: the replay diverged: event 251 comes after the end of the record: "));
  CHECK(after("printf abcd >>d/events.hash").starts_with("d: the replay diverged: the run ends after event "));
  CHECK(after("sed -i 's/\"digest\": \"..../\"digest\": \"0000/' d/summary.json")
            .find("; all events are identical, so what the nodes report or print, or summary.json, has changed") !=
        std::string::npos);
  CHECK(after("sed -i 's/lookup {key}/lokup {key}/' d/scenario.resolved.yaml").find(": command 'lokup ") !=
        std::string::npos);
}
