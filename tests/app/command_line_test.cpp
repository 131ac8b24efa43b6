// The program's commands: exit codes, what goes to which output, saving and replaying runs.

#include <nlohmann/json.hpp>

#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed::tests;

namespace fs = std::filesystem;

TEST_CASE("a successful run prints its report and returns 0") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome outcome = folder.peerbed("run small.yaml");
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  for (const char* part : {"small: 12 nodes, 30s of virtual time, seed 1", "lookup.done", "Messages sent",
                           "Expectations", "passed  lookup.done.count > 10", "digest "})
    CHECK(outcome.out.find(part) != std::string::npos);
  CHECK(outcome.out.find('\033') == std::string::npos);
}

TEST_CASE("with --json it prints one object with everything that a program needs") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome outcome = folder.peerbed("run small.yaml --json --seed 7");
  REQUIRE(outcome.code == 0);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json.at("scenario") == "small");
  CHECK(json.at("seed") == 7);
  CHECK(json.at("digest").get<std::string>().size() == 16);
  CHECK(json.at("events") > 100);
  CHECK(json.at("expectations").size() == 2);
  CHECK(json.at("expectations")[0].at("held") == true);
  CHECK(json.at("metrics").at("lookup.done.count") > 10);
  CHECK(folder.peerbed("run small.yaml --json", "PEERBED_SEED=7").out == outcome.out);
  CHECK(folder.peerbed("run small.yaml --json --set seed=7", "PEERBED_SEED=9").out == outcome.out);
  CHECK(folder.peerbed("run small.yaml --json --seed 7 --set seed=8").out == outcome.out);
  CHECK(folder.peerbed("run small.yaml --json --seed 7 --queue heap --trace=steps,reports,lines,payloads").out ==
        outcome.out);
}

TEST_CASE("an unmet expectation returns 1, and the last line is a command that repeats the run") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome outcome = folder.peerbed(
      "run small.yaml --set expect='[lookup.done.count < 5, violations >= 0]' --set description=\"it's\"");
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("FAILED  lookup.done.count < 5") != std::string::npos);
  const Outcome again = folder.shell(command_in(last_line(outcome.out)));
  CHECK(again.code == 1);
  CHECK(digest_line(again.out) == digest_line(outcome.out));
}

TEST_CASE("a run that exceeds a limit returns 1, reports what it measured, and names the command that shows why") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome outcome = folder.peerbed("run small.yaml --seed 3 --limit-events 500 --out kept");
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("(ended early)") != std::string::npos);
  CHECK(outcome.out.find("lookup.done") != std::string::npos);
  CHECK(outcome.err.find("after 500 events: it reached its limit of 500 events; ") != std::string::npos);
  const std::string see = "inspect: ";
  REQUIRE(last_line(outcome.err).starts_with(see));
  const Outcome seen = folder.shell(last_line(outcome.err).substr(see.size()));
  CHECK(seen.code == 1);
  CHECK(fs::exists(folder / "kept" / "events.trace"));
  const Outcome replayed = folder.peerbed("replay kept --verify");
  CHECK(replayed.code == 0);
  CHECK(replayed.out.find("all 500 events identical") != std::string::npos);
  CHECK(folder.peerbed("run small.yaml --limit-memory 5").code == 2);
  const Outcome swept = folder.peerbed("sweep small.yaml --seeds 1..2 --limit-events 500 -o swept");
  CHECK(swept.code == 1);
  CHECK(swept.out.find("its limit of 500 events") != std::string::npos);
}

TEST_CASE("a failed run that was saved is replayed by its last line, whatever the folder is called") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome outcome = folder.peerbed("run small.yaml --set expect='[events < 5]' --seed 3 --json --out 'the run'");
  CHECK(outcome.code == 1);
  const Outcome again = folder.shell(command_in(last_line(outcome.err)));
  CHECK(again.code == 0);
  CHECK(last_line(again.out).starts_with("the run: identical, digest "));
}

TEST_CASE("usage errors and bad scenarios return 2 with one sentence on stderr") {
  const Folder folder;
  folder.write("small.yaml", small);
  folder.write("bad.yaml", small + "duratoin: 3s\n");
  for (const char* arguments : {"",
                                "rnu small.yaml",
                                "run",
                                "run small.yaml other.yaml",
                                "run small.yaml --see 7",
                                "run small.yaml --seed -7",
                                "run small.yaml --seed=-7",
                                "run small.yaml --seed x",
                                "run small.yaml --set seed",
                                "run small.yaml --queue stack",
                                "run small.yaml --force",
                                "run small.yaml --trace=everything",
                                "run missing.yaml",
                                "run bad.yaml",
                                "validate bad.yaml",
                                "validate",
                                "list something",
                                "replay",
                                "run small.yaml --on moon",
                                "run small.yaml --seed 1 --seed 2"}) {
    CAPTURE(arguments);
    const Outcome outcome = folder.peerbed(arguments);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    if (*arguments != '\0') CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
  CHECK(folder.peerbed("rnu x").err == "peerbed: unknown command 'rnu'; did you mean 'run'?\n");
  CHECK(folder.peerbed("run bad.yaml").err == "bad.yaml:11:1: unknown key 'duratoin'; did you mean 'duration'?\n");
}

TEST_CASE("help, version, list and validate return 0") {
  const Folder folder;
  folder.write("small.yaml", small);
  for (const char* arguments : {"--help", "--version", "run --help", "replay --help", "validate --help", "list --help",
                                "list", "validate small.yaml ring-steady"}) {
    CAPTURE(arguments);
    const Outcome outcome = folder.peerbed(arguments);
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    CHECK_FALSE(outcome.out.empty());
  }
  CHECK(folder.peerbed("list").out.find("ring-weibull-churn") != std::string::npos);
}
