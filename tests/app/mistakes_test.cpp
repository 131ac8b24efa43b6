// What users get for mistakes: one sentence that names the position and the remedy.

#include <string>
#include <utility>

#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed::tests;

TEST_CASE("a mistyped command, option, word or scenario is answered with the nearest one") {
  const Folder folder;
  folder.write("small.yaml", small);
  const std::pair<const char*, const char*> answers[] = {
      {"rnu small.yaml", "peerbed: unknown command 'rnu'; did you mean 'run'?\n"},
      {"--verson", "peerbed: unknown command '--verson'; did you mean '--version'?\n"},
      {"run small.yaml --sed 3", "peerbed: unknown option '--sed'; did you mean '--seed'?\n"},
      {"run small.yaml --jsn", "peerbed: unknown option '--jsn'; did you mean '--json'?\n"},
      {"replay r --verfy", "peerbed: unknown option '--verfy'; did you mean '--verify'?\n"},
      {"list --jason", "peerbed: unknown option '--jason'; known options are --names and --help\n"},
      {"run ring-stedy", "ring-stedy: no such file or built-in scenario; did you mean 'ring-steady'?\n"},
      {"run small", "small: no such file or built-in scenario; did you mean 'small.yaml'?\n"},
      {"run small.yaml --queue hep", "peerbed: '--queue hep' is unknown; write wheel or heap\n"},
      {"replay r --queue hep", "peerbed: '--queue hep' is unknown; write wheel or heap\n"},
      {"run small.yaml --trace=lins", "peerbed: '--trace=lins' is unknown; write steps, reports, lines or payloads\n"},
      {"run small.yaml --trace=lines,", "peerbed: '--trace=' is unknown; write steps, reports, lines or payloads\n"},
      {"run small.yaml --trace lines",
       "peerbed: run takes one scenario: peerbed run SCENARIO; write the value of --trace with '=', as in "
       "--trace=steps\n"},
      {"run small.yaml --trace-from 3s", "peerbed: --trace-from needs --trace\n"},
      {"run small.yaml --trace --trace-until 3",
       "peerbed: '--trace-until 3' is not a time; write a duration with its unit, such as 40ms, 5s, 2min or 1h\n"},
      {"run small.yaml --trace --trace-from 3s --trace-until 3s",
       "peerbed: --trace-until is not after --trace-from; give a later time\n"},
      {"run small.yaml --trace --trace-nodes nods.1",
       "peerbed: no node is called 'nods.1'; the first one is called 'nodes.0', and '*' matches any text\n"}};
  for (const auto& [arguments, answer] : answers) {
    const Outcome outcome = folder.peerbed(arguments);
    CHECK(outcome.err == answer);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("an option without its value, or with a superfluous one, is shown in its right form") {
  const Folder folder;
  folder.write("small.yaml", small);
  const std::pair<const char*, const char*> answers[] = {
      {"--seed", "option '--seed' needs a value; write --seed N"},
      {"--seed --json", "option '--seed' needs a value; write --seed N"},
      {"--out --json", "option '--out' needs a value; write --out DIR"},
      {"--trace=", "option '--trace' needs a value; write --trace, or --trace=WHAT"},
      {"--json=5", "option '--json' takes no value; write it without one"},
      {"--out ''", "'--out' needs a folder name; write --out DIR"},
      {"--seed 1 --seed 2", "option '--seed' is given more than once; give it once"},
      {"--seed -7", "'-7' is negative; write a number from 0 up"},
      {"--set nodes", "'--set nodes' has no '='; write --set key=value"},
      {"--set =3", "'--set =3' has no key before its '='; write --set key=value"}};
  for (const auto& [options, answer] : answers) {
    const Outcome outcome = folder.peerbed(std::string("run small.yaml ") + options);
    CHECK(outcome.err == std::string("peerbed: ") + answer + "\n");
    CHECK(outcome.code == 2);
  }
}

TEST_CASE("an invalid override is reported at the override, whatever it sets") {
  const Folder folder;
  folder.write("small.yaml", small + "parameters: {nodes: 12}\n");
  const std::pair<const char*, const char*> answers[] = {
      {"--set nods=3", "--set nods=3: unknown key 'nods'; did you mean 'nodes'?"},
      {"--set groups.nods.count=3", "--set groups.nods.count=3: unknown group 'nods'; did you mean 'nodes'?"},
      {"--set groups.nodes.cuont=3",
       "--set groups.nodes.cuont=3: groups.nodes: unknown key 'cuont'; did you mean 'count'?"},
      {"--set groups.nodes.count.=3",
       "--set groups.nodes.count.=3: a key is missing between two dots, or before or after one"},
      {"--set groups..count=3", "--set groups..count=3: a key is missing between two dots, or before or after one"},
      {"--set nodes=-3",
       "--set nodes=-3: groups.nodes.count: expected a whole number from 1 to 10000000, but found '-3'"},
      {"--set nodes=", "--set nodes=: groups.nodes.count: expected a whole number from 1 to 10000000, but found ''"},
      {"--set network.loss=-5%",
       "--set network.loss=-5%: network.loss: expected a share from 0% to 100%, such as 5%, but found '-5%'"},
      {"--set workload.7.do=x", "--set workload.7.do=x: no element 7 in this list of 1"},
      {"--set workload=", "--set workload=: workload: expected a map of keys and values, but found ''"},
      {"--seed x", "--seed x: seed: expected a whole number from 0 to 18446744073709551615, but found 'x'"}};
  for (const auto& [options, answer] : answers) {
    const Outcome outcome = folder.peerbed(std::string("run small.yaml --set groups.nodes.count='$nodes' ") + options);
    CHECK(outcome.err == std::string(answer) + "\n");
    CHECK(outcome.code == 2);
  }
}

TEST_CASE("a folder that cannot take a run is reported with the remedy, and loses nothing") {
  const Folder folder;
  folder.write("small.yaml", small);
  folder.write("file", "mine");
  REQUIRE(folder.peerbed("run small.yaml --out r --trace").code == 0);
  const std::string before = text_of(folder / "r/summary.json");
  CHECK(folder.peerbed("run small.yaml --seed 2 --out r").err ==
        "peerbed: r: the folder is not empty; choose another, or use --force to overwrite it\n");
  CHECK(text_of(folder / "r/summary.json") == before);
  CHECK(folder.peerbed("run small.yaml --out file").err ==
        "peerbed: file: is a file, not a folder; choose another name\n");
  CHECK(folder.peerbed("run small.yaml --out file/r").err ==
        "peerbed: file/r: cannot create the folder: Not a directory; choose another\n");
  CHECK(text_of(folder / "file") == "mine");

  folder.write("r/notes.txt", "mine");
  CHECK(folder.peerbed("run small.yaml --seed 2 --out r --force").code == 0);
  CHECK(text_of(folder / "r/notes.txt") == "mine");
  CHECK_FALSE(std::filesystem::exists(folder / "r/events.trace"));  // from the earlier run
  CHECK(folder.peerbed("replay r --verify").code == 0);
}

TEST_CASE("a full disk is an error with its file and its remedy, and never kills the process") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome record = folder.shell("ulimit -f 4; " PEERBED_PROGRAM " run small.yaml --out r");
  CHECK(record.code == 3);
  CHECK(record.err ==
        "peerbed: r/events.hash: cannot be written: File too large; make room, or choose another folder\n");
  CHECK(folder.peerbed("replay r").code == 3);
  CHECK(folder.peerbed("run small.yaml >/dev/full").err == "peerbed: cannot write to stdout\n");
  CHECK(folder.peerbed("run small.yaml --json >/dev/full").code == 3);
  CHECK(folder.peerbed("list >&-").code == 3);
}

TEST_CASE("a run that cannot be saved at its end is still shown") {
  const Folder folder;
  folder.write("small.yaml", small);
  // The record of these few events is within the limit, and the table of metrics exceeds it.
  const Outcome outcome = folder.shell("ulimit -f 4; " PEERBED_PROGRAM
                                       " run small.yaml --set duration=1s --set expect='[violations == 0]' --out r");
  CHECK(outcome.code == 3);
  CHECK(outcome.err == "peerbed: r/metrics.csv: cannot be written; make room, or choose another folder\n");
  CHECK(outcome.out.find("digest ") != std::string::npos);
}

TEST_CASE("a reader may close the pipe after the first line") {
  const Folder folder;
  folder.write("small.yaml", small);
  const Outcome outcome = folder.peerbed("run small.yaml --trace=steps 2>&1 | head -n 1");
  CHECK(outcome.out.starts_with("{\"event\":1,"));
  CHECK(outcome.err.empty());
}
