// The program as a shell sees it: exit codes, what goes to which output, runs kept and replayed.

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/catch.h"

namespace {

namespace fs = std::filesystem;

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// A folder of its own for each test, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "peerbed_app_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path operator/(const char* name) const { return path_ / name; }

  Outcome peerbed(const std::string& arguments, const std::string& environment = "") const {
    const std::string command = "cd " + path_.string() + " && " + environment + " " PEERBED_PROGRAM " " + arguments +
                                " >out.txt 2>err.txt </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(path_ / "out.txt"), text_of(path_ / "err.txt")};
  }
  void write(const char* name, const std::string& text) const { std::ofstream(path_ / name) << text; }

 private:
  fs::path path_;
};

const std::string small = R"(# A small ring.
duration: 30s
network: {latency: 20ms, loss: 2%}
groups:
  nodes: {protocol: ring, count: 12}
workload:
  - {rate: 5/s, do: "lookup {key}"}
churn:
  - {nodes: nodes, session: {exponential: 30s}, down: {exponential: 5s}}
expect: [violations >= 0, lookup.done.count > 10]
)";

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  return text.substr(text.rfind('\n', end) + 1, end - text.rfind('\n', end));
}

}  // namespace

TEST_CASE("a good run prints its report and returns 0") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome outcome = folder.peerbed("run small.yaml");
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  for (const char* part : {"small: 12 nodes, 30s of virtual time, seed 1", "lookup.done", "Messages sent",
                           "Expectations", "held    lookup.done.count > 10", "digest "})
    CHECK(outcome.out.find(part) != std::string::npos);
  CHECK(outcome.out.find('\033') == std::string::npos);
}

TEST_CASE("with --json it prints one object with all that a program needs") {
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
  CHECK(folder.peerbed("run small.yaml --json --seed 7 --queue heap --trace steps,reports,lines").out == outcome.out);
}

TEST_CASE("an unmet expectation returns 1, and the last line does it again") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome outcome = folder.peerbed("run small.yaml --set expect='[lookup.done.count < 5, violations >= 0]'");
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("FAILED  lookup.done.count < 5") != std::string::npos);
  const std::string again = last_line(outcome.out);
  REQUIRE(again.starts_with("again: peerbed run small.yaml"));
  CHECK(folder.peerbed(again.substr(std::string("again: peerbed ").size())).out ==
        [&] {
          std::string expected = outcome.out;
          return expected;
        }()
            .replace(outcome.out.rfind(" --seed 1"), 9, " --seed 1"));
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
                                "run small.yaml --trace everything",
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
  CHECK(folder.peerbed("rnu x").err == "peerbed: there is no command 'rnu'; did you mean 'run'?\n");
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

TEST_CASE("a kept run replays, and a folder that holds one is refused without --force") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome run = folder.peerbed("run small.yaml --out r --trace steps --json");
  REQUIRE(run.code == 0);
  for (const char* name : {"r/scenario.resolved.yaml", "r/manifest.json", "r/events.hash", "r/metrics.csv",
                           "r/summary.json", "r/trace.jsonl"})
    CHECK(fs::file_size(folder / name) > 0);
  CHECK(text_of(folder / "r/summary.json") == run.out);
  CHECK(text_of(folder / "r/scenario.resolved.yaml").find("churn") == std::string::npos);
  const auto json = nlohmann::json::parse(run.out);
  CHECK(fs::file_size(folder / "r/events.hash") == 8 + 4 * json.at("events").get<std::uintmax_t>());

  CHECK(folder.peerbed("run small.yaml --out r").code == 3);
  CHECK(folder.peerbed("run small.yaml --out r --force").code == 0);
  const Outcome verified = folder.peerbed("replay r --verify");
  CHECK(verified.code == 0);
  CHECK(verified.out.find("events are as recorded") != std::string::npos);
  CHECK(folder.peerbed("replay r --queue heap").code == 0);
  CHECK(folder.peerbed("replay none").code == 3);
}

TEST_CASE("a replay that differs returns 4, and --verify names the first event that does") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r").code == 0);
  std::string hashes = text_of(folder / "r/events.hash");
  hashes[8 + 4 * 99] = static_cast<char>(hashes[8 + 4 * 99] ^ 1);
  std::ofstream(folder / "r/events.hash", std::ios::binary) << hashes;
  const Outcome flipped = folder.peerbed("replay r --verify");
  CHECK(flipped.code == 4);
  CHECK(flipped.err.find("event 100 differs from the record: now it is ") != std::string::npos);

  std::string resolved = text_of(folder / "r/scenario.resolved.yaml");
  resolved.replace(resolved.find("2%"), 2, "3%");
  std::ofstream(folder / "r/scenario.resolved.yaml") << resolved;
  const Outcome changed = folder.peerbed("replay r");
  CHECK(changed.code == 4);
  CHECK(changed.err.find("the replay diverged: the digest is ") != std::string::npos);
}

TEST_CASE("Ctrl-C ends a run with what there is, and 130") {
  const Folder folder;
  folder.write("long.yaml", "duration: 300h\ngroups: {a: {protocol: ring, count: 100}}\n");
  const std::string command = "cd " + (folder / ".").string() +
                              " && timeout --preserve-status -s INT 2 " PEERBED_PROGRAM
                              " run long.yaml --json >out.txt 2>err.txt; "
                              "test $? -eq 130";
  CHECK(std::system(command.c_str()) == 0);
  CHECK(nlohmann::json::parse(text_of(folder / "out.txt")).at("interrupted") == true);
}
