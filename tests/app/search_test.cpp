// Searches from the shell: the same bytes whatever makes the runs, what an interruption leaves, and runs that break
// off.

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "app/search/search_workers.h"
#include "scenarios/protocol/simple_protocol.h"
#include "tests/app/json_result.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::tests;

namespace {

// With lists of one successor and more deaths than the ring is promised to bear, so that something is found.
const std::string fragile = R"(duration: 60s
network: {latency: 20ms}
groups:
  nodes:
    protocol: ring
    count: 5
    options: {successor_list_length: 2, stabilize_period: 2s, check_predecessor_period: 2s, initial_timeout: 500ms, rpc_timeout: 250ms, rpc_attempts: 2, lookup_timeout: 500ms}
checks: {every: 5s, settle: 10s}
search:
  commands: ["put file-{below:3} {text:8}"]
  faults: [crash, wipe, command]
  deaths: 5
  within: 0s
  survivors: 1
  calm: 20s
)";

std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename() != "manifest.json")
      files[fs::relative(entry.path(), folder).string()] = text_of(entry.path());
  return files;
}

struct NoOptions {
  template <class Reader>
  void read(Reader&) {}
};

// Ends the whole process when it is told to.
class Brittle {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<std::string_view, 1> message_kinds{""};
  static constexpr std::array trace_events{TraceEventType{"started", {}}};

  void on_start(Environment& environment, Start) { environment.trace(0, {}); }
  void on_datagram(Environment&, Address, Bytes) {}
  void on_timer(Environment&, TimerId) {}
  void on_command(Environment&, std::string_view line) {
    ++commands_;
    if (line != "break") return;
    std::signal(SIGABRT, SIG_DFL);  // the tests' own handler would report it as theirs
    std::abort();
  }
  void on_leave(Environment& environment) { environment.exit(); }
  auto fields() const { return std::tie(commands_); }

 private:
  std::uint64_t commands_ = 0;
};

}  // namespace

TEST_CASE("a search leaves the same bytes for any number of jobs, and when it is taken up again") {
  const Folder folder;
  folder.write("fragile.yaml", fragile);
  const Outcome one = folder.peerbed("search fragile.yaml --runs 400 -j 1 -o one");
  CHECK(one.code == 1);
  CHECK(one.err.empty());
  CHECK(one.out.find("finding 1") != std::string::npos);
  auto files = files_of(folder / "one");
  CHECK(files.contains("findings/1.yaml"));
  CHECK(files.contains("findings/1.shrunk.yaml"));
  CHECK(files.contains("findings/1.shrunk.svg"));
  CHECK(files.at("findings/1.shrunk.yaml").starts_with("# "));
  CHECK(files.size() > 20);
  const auto without_pages = [](std::map<std::string, std::string> all) {
    for (const char* page : {"summary.json", "summary.html"}) all.erase(page);  // they name the folder
    return all;
  };
  CHECK(folder.peerbed("search fragile.yaml --runs 400 -j 3 -o three").code == 1);
  CHECK(without_pages(files_of(folder / "three")) == without_pages(files));
  // The first round has 64 runs.
  CHECK(folder.peerbed("search fragile.yaml --runs 64 -j 2 -o parts").code != 2);
  CHECK(folder.peerbed("search fragile.yaml --runs 400 -j 2 -o parts --resume").code == 1);
  CHECK(without_pages(files_of(folder / "parts")) == without_pages(files));
  CHECK(folder.peerbed("search fragile.yaml --runs 400 -o parts").code == 3);
  CHECK(folder.peerbed("search fragile.yaml --runs 400 --seed 2 -o parts --resume").code == 3);
}

TEST_CASE("each finding of a search fails as a run of its own, with the property that was found") {
  const Folder folder;
  folder.write("fragile.yaml", fragile);
  const auto summary = json_of(folder, PEERBED_PROGRAM " search fragile.yaml --runs 400", 1);
  REQUIRE_FALSE(summary.at("findings").empty());
  for (const auto& finding : summary.at("findings")) {
    const auto result = json_of(folder, finding.at("command"), 1);
    const std::string property = finding.at("property");
    CHECK(result.at("metrics").at("check." + property + ".share") < 1);
  }
}

TEST_CASE("an interrupted search tells what it has, and how to go on") {
  const Folder folder;
  folder.write("fragile.yaml", fragile);
  const Outcome outcome = folder.shell("timeout --foreground -s INT 3 " PEERBED_PROGRAM
                                       " search fragile.yaml --runs 100000000 -o out; echo code $?");
  CHECK(outcome.out.find("interrupted") != std::string::npos);
  CHECK(outcome.out.find("--resume") != std::string::npos);
  CHECK(fs::exists(folder / "out/summary.html"));
  CHECK(fs::exists(folder / "out/standing.json"));
}

TEST_CASE("a run that ends its process is a finding, and the others go on") {
  const auto make = [](const NoOptions&, const scenarios::Member&) { return Brittle(); };
  const scenarios::Registry registry{scenarios::protocol<Brittle, NoOptions>("brittle", "breaks", make)};
  const scenarios::Scenario scenario = scenarios::load_scenario(
      scenarios::parse_document("duration: 20s\ngroups: {b: {protocol: brittle, count: 3}}\n"
                                "checks: {settle: 1s, every: 5s}\n"
                                "search: {faults: [pause, command], commands: [break, keep]}\n",
                                "t.yaml"),
      registry);
  scenarios::Search search(scenario, {});
  app::SearchWorkers workers(2);
  auto reports = workers.make(search, 64, [](std::uint64_t) { return true; });
  REQUIRE(reports);
  REQUIRE(reports->size() == 64);
  std::size_t broken = 0;
  for (std::uint64_t number = 0; number < 64; ++number) {
    const scenarios::Genome genome = search.genome_of(number);
    const bool breaks = std::any_of(genome.deeds.begin(), genome.deeds.end(),
                                    [](const scenarios::Deed& deed) { return deed.line == "break"; });
    CHECK((*reports)[number].number == number);
    // A node that is paused takes no command.
    if ((*reports)[number].violation) CHECK(breaks);
    broken += (*reports)[number].violation ? 1 : 0;
  }
  CHECK(broken > 5);
  search.take(std::move(*reports));
  REQUIRE(search.findings().size() == 1);
  CHECK(search.findings().front().count == broken);
  CHECK(search.findings().front().violation.what.find("Aborted") != std::string::npos);
}
