// Run folders that were edited, damaged or shared: each is reported in one sentence, and nothing blocks.

#include <sys/stat.h>

#include <chrono>

#include "tests/app/program.h"

using namespace peerbed::tests;

namespace {

constexpr const char* files[] = {"scenario.resolved.yaml", "events.hash",  "events.trace", "metrics.csv",
                                 "distributions.csv",      "timeline.csv", "links.csv",    "chronicle.json",
                                 "summary.json",           "manifest.json"};

// Runs each command that reads a run; none may take long.
void check_all_readers(const Folder& folder, const std::string& what) {
  for (const char* command :
       {"replay r --verify", "report r -o r.html --force", "report r --json -o r.json --force", "compare r good",
        "plot r --figure list", "plot r --figure timeline --metric messages.sent -o r.svg --force", "trace r"}) {
    INFO(what << ": " << command);
    const Outcome outcome = folder.peerbed(command, "timeout 10");
    CHECK(outcome.code >= 0);
    CHECK(outcome.code <= 4);
    if (outcome.code != 0) CHECK(outcome.err.starts_with("peerbed: "));
  }
}

void replace(const Folder& folder, const char* file, const std::string& command) {
  REQUIRE(folder.shell("rm -rf r && cp -r good r && rm r/" + std::string(file) + " && " + command).code == 0);
}

}  // namespace

TEST_CASE("anything but a file in place of any file of a run is refused, and nothing blocks") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out good --trace").code == 0);
  for (const char* file : files) {
    const std::string path = std::string("r/") + file;
    replace(folder, file, "mkfifo " + path);
    check_all_readers(folder, "a pipe as " + path);
    replace(folder, file, "mkdir " + path);
    check_all_readers(folder, "a folder as " + path);
    replace(folder, file, "ln -s loop " + path + " && ln -s " + std::string(file) + " r/loop");
    check_all_readers(folder, "a loop of links as " + path);
    replace(folder, file, "ln -s /dev/zero " + path);
    check_all_readers(folder, "a device as " + path);
  }
  replace(folder, "summary.json", "mkfifo r/summary.json");
  CHECK(folder.peerbed("replay r").err ==
        "peerbed: r/summary.json: is a pipe, not a file; give the folder of a run that was saved with --out\n");
  CHECK(folder.peerbed("compare r good").err ==
        "peerbed: r/summary.json: is a pipe, not a file; run the scenario again with --out\n");
}

TEST_CASE("a replay notices a manifest that was edited, or belongs to another run") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r").code == 0);
  REQUIRE(folder.peerbed("run small.yaml --seed 2 --out other").code == 0);
  REQUIRE(folder.peerbed("replay r").code == 0);
  const std::string manifest = text_of(folder / "r/manifest.json");
  for (const char* edit : {"s/\"seed\": 1/\"seed\": 7/", "s/\"digest\": \"./\"digest\": \"/",
                           "s/\"peerbed\": \"[^\"]*/\"peerbed\": \"0.0.1/", "s/\"ended\": \"2/\"ended\": \"1/"}) {
    folder.write("r/manifest.json", manifest);
    REQUIRE(folder.shell("sed -i '" + std::string(edit) + "' r/manifest.json").code == 0);
    REQUIRE(text_of(folder / "r/manifest.json") != manifest);
    const Outcome outcome = folder.peerbed("replay r");
    CHECK(outcome.err ==
          "peerbed: r/manifest.json: was changed after the run, or is damaged; run the scenario again with --out\n");
    CHECK(outcome.code == 3);
  }
  folder.write("r/manifest.json", text_of(folder / "other/manifest.json"));
  CHECK(folder.peerbed("replay r").err ==
        "peerbed: r/manifest.json: belongs to another run than summary.json; run the scenario again with --out\n");
}

TEST_CASE("of two runs into one folder at once one is complete, and the other reports the conflict") {
  const Folder folder;
  folder.write("small.yaml", small);
  const std::string run = PEERBED_PROGRAM " run small.yaml --set duration=5min --out two";
  const Outcome outcome = folder.shell("(" + run + " >1.out 2>1.err; echo $? >1.code) & (" + run +
                                       " --seed 2 >2.out 2>2.err; echo $? >2.code) & wait; cat 1.code 2.code");
  CHECK((outcome.out == "0\n3\n" || outcome.out == "3\n0\n"));
  const std::string refusal = text_of(folder / "1.err") + text_of(folder / "2.err");
  CHECK((refusal.find("two: another run is being saved in this folder; choose another") != std::string::npos ||
         refusal.find("two: the folder is not empty") != std::string::npos));
  CHECK(folder.peerbed("replay two --verify").code == 0);
}

TEST_CASE("sentences escape the control characters of what they quote") {
  const Folder folder;
  folder.write("t.yaml", "duration: 9s\ngroups: {a: {protocol: ring, count: 2}}\n\"k\\e[31m\\r\\u202e\": 1\n");
  const Outcome key = folder.peerbed("validate t.yaml");
  CHECK(key.err.find("unknown key 'k\\x1b[31m\\x0d\\u202e'") != std::string::npos);
  folder.write("m.txt", "0 \x1b[2J\n1 0\n");
  folder.write("t.yaml",
               "duration: 9s\nnetwork: {latency: {matrix: {file: m.txt, format: text}}}\n"
               "groups: {a: {protocol: ring, count: 2}}\n");
  const Outcome matrix = folder.peerbed("validate t.yaml");
  CHECK(matrix.code == 2);
  CHECK(matrix.err.find("\\x1b[2J") != std::string::npos);
  for (const Outcome* outcome : {&key, &matrix}) CHECK(outcome->err.find('\x1b') == std::string::npos);
}

TEST_CASE("a very long title is cut, quickly") {
  const Folder folder;
  folder.write("small.yaml", small);
  REQUIRE(folder.peerbed("run small.yaml --out r").code == 0);
  const auto begun = std::chrono::steady_clock::now();
  const Outcome outcome =
      folder.shell(PEERBED_PROGRAM
                   " plot r --figure timeline --metric messages.sent -o r.svg --title \"$(head -c 100000 /dev/zero | "
                   "tr '\\0' x)\"");
  CHECK(outcome.code == 0);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
  CHECK(std::filesystem::file_size(folder / "r.svg") < 50'000);
}

TEST_CASE("a program that is moved on its own still has its scenarios") {
  const Folder folder;
  const auto moved = [&folder](const std::string& arguments) { return folder.shell("alone/p " + arguments); };
  REQUIRE(folder.shell("mkdir alone && cp " PEERBED_PROGRAM " alone/p").code == 0);
  CHECK(moved("list").out.find("ring-steady") != std::string::npos);
  CHECK(moved("list --names").out.find("swarm-bottleneck\n") != std::string::npos);
  CHECK(moved("list ring-steady").out == text_of(PEERBED_SOURCE_DIR "/scenarios/ring-steady.yaml"));
  CHECK(moved("list ring-stedy").err == "ring-stedy: no such built-in scenario; did you mean 'ring-steady'?\n");
  CHECK(moved("validate ring-steady swarm-bottleneck").code == 0);
  // A scenario that names a built-in file, which a replay finds again.
  const Outcome run = moved("run swarm-bottleneck --set duration=10s --set expect='[violations == 0]' --out r");
  CHECK(run.code == 0);
  CHECK(digest_line(run.out) ==
        digest_line(folder
                        .peerbed("run " PEERBED_SOURCE_DIR
                                 "/scenarios/swarm-bottleneck.yaml --set duration=10s --set expect='[violations == 0]'")
                        .out));
  CHECK(moved("replay r --verify").code == 0);
}
