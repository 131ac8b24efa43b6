// Sweeps from the shell: the same bytes whatever runs them, what a killed worker loses, and errors.

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed::tests;

namespace {

const std::string swept = small + "description: list $list\nparameters: {list: 2}\n";
const std::string crossed = "--param groups.nodes.count=6,12 --param network.loss=0%,2% ";

// A run that takes long enough to be interrupted.
const std::string longer = R"(duration: 10min
network: {latency: 20ms}
groups:
  nodes: {protocol: ring, count: 200}
workload:
  - {rate: 20/s, do: "lookup {key}"}
)";

// All files of a sweep except the one with wall-clock time.
std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename() != "manifest.json")
      files[fs::relative(entry.path(), folder).string()] = text_of(entry.path());
  return files;
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a sweep leaves the same bytes for one, two and four jobs and for shards") {
  const Folder folder;
  folder.write("small.yaml", swept);
  const std::string sweep = "sweep small.yaml --seeds 1..3 --export csv,json " + crossed;
  const Outcome one = folder.peerbed(sweep + "-j 1 -o one");
  CHECK(one.err.find("rerun") == std::string::npos);  // at most its progress, on a slow machine
  REQUIRE(one.code == 0);
  const auto files = files_of(folder / "one");
  CHECK(files.size() == 12 + 5);  // runs, and sweep.json, results.sqlite, .csv, .json, statistics.csv
  for (const char* jobs : {"2", "4"}) {
    const Outcome outcome = folder.peerbed(sweep + "--jobs " + jobs + " -o " + jobs);
    CHECK(outcome.code == 0);
    CHECK(outcome.out.substr(0, outcome.out.find("saved in")) == one.out.substr(0, one.out.find("saved in")));
    CHECK(files_of(folder / jobs) == files);
  }
  CHECK(folder.peerbed(sweep + "--shard 2/2 -o shared").code == 0);
  CHECK(files_of(folder / "shared").size() == 6 + 5);
  CHECK(folder.peerbed(sweep + "--shard 1/2 -o shared").code == 0);
  CHECK(files_of(folder / "shared") == files);
}

TEST_CASE("a sweep's runs equal those of the run command") {
  const Folder folder;
  folder.write("small.yaml", swept);
  REQUIRE(folder.peerbed("sweep small.yaml --seeds 4,7 --param groups.nodes.count=6,12 -o s").code == 0);
  const auto run =
      nlohmann::json::parse(folder.peerbed("run small.yaml --json --seed 7 --set groups.nodes.count=6").out);
  const std::string csv = text_of(folder / "s" / "results.csv");
  CHECK(csv.starts_with("scenario,groups.nodes.count,seed,metric,value,unit,better\n"));
  const std::string count = std::to_string(run["metrics"]["lookup.done.count"].get<int>());
  CHECK(csv.find("small,6,7,lookup.done.count," + count + ",count,\n") != std::string::npos);
  CHECK(csv.find("small,6,7,lookup.done.latency.mean,") != std::string::npos);
}

TEST_CASE("resume runs what is missing and nothing else") {
  const Folder folder;
  folder.write("small.yaml", swept);
  REQUIRE(folder.peerbed("sweep small.yaml --seeds 1..6 -o whole").code == 0);
  REQUIRE(folder.peerbed("sweep small.yaml --seeds 1..4 -o part").code == 0);
  const std::string dry = folder.peerbed("sweep small.yaml --seeds 1..6 -o part --resume --dry-run").out;
  CHECK(dry == "seed 1 (done)\nseed 2 (done)\nseed 3 (done)\nseed 4 (done)\nseed 5\nseed 6\n");
  // Finished runs are not repeated, broken ones are.
  std::map<std::string, fs::file_time_type> times;
  std::string broken;
  for (const auto& entry : fs::directory_iterator(folder / "part" / "units")) {
    broken = entry.path().string();
    times[broken] = fs::last_write_time(entry.path());
  }
  fs::resize_file(broken, fs::file_size(broken) / 2);
  CHECK(folder.peerbed("sweep small.yaml --seeds 1..6 -o part --resume").code == 0);
  for (const auto& [file, time] : times) CHECK((fs::last_write_time(file) == time) == (file != broken));
  CHECK(files_of(folder / "part") == files_of(folder / "whole"));
}

TEST_CASE("dry-run lists the runs and writes nothing") {
  const Folder folder;
  folder.write("small.yaml", swept);
  const Outcome outcome = folder.peerbed("sweep small.yaml --seeds 1,2 --param list=1,2 --dry-run -o s");
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "list=1, seed 1\nlist=2, seed 1\nlist=1, seed 2\nlist=2, seed 2\n");
  CHECK(outcome.err == "4 runs\n");
  CHECK_FALSE(fs::exists(folder / "s"));
}

TEST_CASE("a killed worker loses only its own run, and resume completes the sweep") {
  const Folder folder;
  folder.write("longer.yaml", longer);
  const std::string sweep = PEERBED_PROGRAM " sweep longer.yaml --seeds 1..3 --jobs 1 -o s";
  const Outcome killed =
      folder.shell(sweep +
                   " & sweep=$!; worker=; until [ -n \"$worker\" ]; do "
                   "read -r worker others </proc/$sweep/task/$sweep/children; done; kill -9 $worker; wait $sweep");
  CHECK(killed.code == 3);
  CHECK(count_of(killed.err, "ended by signal 9") == 1);
  CHECK(killed.err.find("seed 1: ended by signal 9 (Killed)") != std::string::npos);
  CHECK(killed.err.find("rerun: " PEERBED_PROGRAM " run longer.yaml --seed 1\n") != std::string::npos);
  CHECK(killed.out.find("longer: 2 runs, 1 missing") != std::string::npos);
  CHECK(killed.out.find("continue: " + sweep + " --resume\n") != std::string::npos);
  CHECK(files_of(folder / "s" / "units").size() == 2);
  REQUIRE(folder.shell(sweep + " --resume").code == 0);
  REQUIRE(folder.peerbed("sweep longer.yaml --seeds 1..3 -o whole").code == 0);
  CHECK(files_of(folder / "s") == files_of(folder / "whole"));
}

TEST_CASE("an interrupted sweep keeps what is finished and says how to continue") {
  const Folder folder;
  folder.write("longer.yaml", longer);
  const std::string sweep = PEERBED_PROGRAM " sweep longer.yaml --seeds 1..30 --jobs 1 -o s";
  const Outcome outcome = folder.shell(sweep +
                                       " & sweep=$!; until ls s/units/*.json >/dev/null 2>&1; do sleep 0.01; done; "
                                       "kill -INT $sweep; wait $sweep");
  CHECK(outcome.code == 130);
  CHECK(outcome.err.find("of 30 runs saved in s\n  continue: " + sweep + " --resume\n") != std::string::npos);
  CHECK(outcome.out == "");
  std::size_t kept = 0;
  for (const auto& [name, text] : files_of(folder / "s" / "units")) kept += name.ends_with(".json") ? 1 : 0;
  CHECK(kept >= 1);
  CHECK(kept < 30);
}

TEST_CASE("a run that fails its expectations is reported with its replay command and does not stop the rest") {
  const Folder folder;
  folder.write("small.yaml", swept);
  const Outcome outcome =
      folder.peerbed("sweep small.yaml --seeds 1..3 --set 'expect=[lookup.done.count < 1]' --param list=1,2 -o s");
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("6 runs failed the scenario's expectations:\n") != std::string::npos);
  CHECK(count_of(outcome.out, "lookup.done.count < 1: was ") == 6);
  CHECK(outcome.err.find("rerun") == std::string::npos);
  const std::string again = outcome.out.substr(outcome.out.find("rerun: "));
  CHECK(again.starts_with("rerun: " PEERBED_PROGRAM
                          " run small.yaml --set 'expect=[lookup.done.count < 1]' --set list=1 --seed 1\n"));
  CHECK(folder.shell(command_in(again.substr(0, again.find('\n')))).code == 1);
}

TEST_CASE("the table has a row for each point with its interval and its paired change") {
  const Folder folder;
  folder.write("small.yaml", swept);
  const Outcome outcome = folder.peerbed(
      "sweep small.yaml --seeds 1..5 --param groups.nodes.count=6,12 --metric 'lookup.done.hops.m*' -o s");
  REQUIRE(outcome.code == 0);
  CHECK(outcome.out.starts_with("small: 10 runs at 2 points\n"));
  CHECK(outcome.out.find("\nlookup.done.hops.mean (lower is better)\n") != std::string::npos);
  CHECK(outcome.out.find("\nlookup.done.hops.max (lower is better)\n") != std::string::npos);
  CHECK(outcome.out.find("95 % interval") != std::string::npos);
  CHECK(outcome.out.find("change vs groups.nodes.count=6") != std::string::npos);
  const auto json = nlohmann::json::parse(
      folder.peerbed("sweep small.yaml --seeds 1..5 --param groups.nodes.count=6,12 -o s --resume --json").out);
  CHECK(json["points"].size() == 2);
  CHECK(json["points"][1]["parameters"]["groups.nodes.count"] == "12");
}

TEST_CASE("a mistake in a sweep command gives one sentence and its exit code") {
  const Folder folder;
  folder.write("small.yaml", swept);
  folder.write("other.yaml", longer);
  folder.write("file", "");
  REQUIRE(folder.peerbed("sweep small.yaml --seeds 1 -o there").code == 0);
  fs::create_directories(folder / "strange");
  std::ofstream(folder / "strange" / "x") << "mine";
  struct Answer {
    const char* arguments;
    int code;
    const char* sentence;
  };
  const Answer answers[] = {
      {"", 2, "peerbed: sweep takes one scenario: peerbed sweep SCENARIO --seeds 1..20 -o DIR"},
      {"small.yaml", 2, "peerbed: sweep needs a folder for its results; write -o DIR"},
      {"small.yaml -o", 2, "peerbed: option '--out' needs a value; write --out DIR"},
      {"small.yaml -o s --seeds 9..1", 2, "--seeds 9..1: the range 9..1 is reversed; write 1..9"},
      {"small.yaml -o s --seeds x", 2, "--seeds x: expected seeds, such as 1..20 or 1,2,5..9, but found 'x'"},
      {"small.yaml -o s --param lisd=1", 2, "--param lisd=1: unknown key 'lisd'; did you mean 'list'?"},
      {"small.yaml -o s --param list", 2, "--param list: missing '='; write --param peers=1,2,4"},
      {"small.yaml -o s --jobs 0", 2,
       "peerbed: '--jobs 0' is not a valid number of processes; write a number from 1 to 1024"},
      {"small.yaml -o s --shard 5/4", 2,
       "peerbed: '--shard 5/4' is not a valid shard; write --shard 1/4 to --shard 4/4"},
      {"small.yaml -o s --export xml", 2, "peerbed: '--export xml' is unknown; write csv, json, csv,json or none"},
      {"small.yaml -o s --resume --force", 2,
       "peerbed: --resume keeps the existing sweep and --force deletes it; give only one of them"},
      {"smal.yaml -o s", 2,
       "smal.yaml: no such file or built-in scenario; give the path of a scenario or a name from `peerbed list`"},
      {"small.yaml --seeds 1 -o file", 3, "peerbed: file: is a file, not a folder; choose another name"},
      {"small.yaml --seeds 1 -o /proc/s", 3,
       "peerbed: /proc/s: cannot create the folder: No such file or directory; choose another"},
      {"small.yaml --seeds 1 -o there", 3,
       "peerbed: there: the folder is not empty; use --resume to continue its sweep or --force to start it over, "
       "or choose another folder"},
      {"small.yaml --seeds 1 -o strange --resume", 3, "peerbed: strange: not the folder of a sweep; choose another"},
      {"small.yaml --seeds 1 -o strange --force", 3,
       "peerbed: strange: not the folder of a sweep, so it is not deleted; choose another"},
      {"other.yaml --seeds 1 -o there --resume", 3,
       "peerbed: there: contains a sweep of another scenario ('small'), with other settings, or of a scenario "
       "that has changed since; choose another folder"},
      {"small.yaml --seeds 1 --set list=3 -o there --resume", 3,
       "peerbed: there: contains a sweep of another scenario ('small'), with other settings, or of a scenario "
       "that has changed since; choose another folder"},
      {"small.yaml --seeds 1 --metric lookup.done.hop -o there --resume", 2,
       "peerbed: unknown metric 'lookup.done.hop'; did you mean 'lookup.done.count'?"}};
  for (const Answer& answer : answers) {
    const Outcome outcome = folder.peerbed("sweep " + std::string(answer.arguments));
    CHECK(outcome.err == std::string(answer.sentence) + "\n");
    CHECK(outcome.code == answer.code);
  }
  CHECK(text_of(folder / "strange" / "x") == "mine");
}

TEST_CASE("a full disk is reported, and what was finished before stays") {
  const Folder folder;
  folder.write("small.yaml", swept);
  // Files may have 8 blocks of 512 bytes: enough for sweep.json, but not for a run's record.
  const Outcome outcome = folder.shell("ulimit -f 8; " PEERBED_PROGRAM " sweep small.yaml --seeds 1 -j 1 -o s");
  CHECK(outcome.code == 3);
  CHECK(outcome.err.find("cannot be written: File too large; make room, or choose another folder") !=
        std::string::npos);
}

#ifndef PEERBED_MPI
TEST_CASE("a program without MPI refuses to run under mpirun") {
  const Folder folder;
  folder.write("small.yaml", swept);
  const Outcome outcome = folder.peerbed("sweep small.yaml --seeds 1 -o s", "OMPI_COMM_WORLD_SIZE=2 PMI_SIZE=2");
  CHECK(outcome.code == 2);
  CHECK(outcome.err ==
        "peerbed: this program was built without MPI; configure it with -DPEERBED_MPI=ON, or split the work with "
        "--shard K/N\n");
}
#endif
