// Explanations from the shell: where the time of a download and of a lookup went.

#include <cmath>
#include <vector>

#include "tests/app/json_result.h"
#include "tests/catch.h"
#include "tests/scenarios/eventful.h"

using namespace peerbed::tests;

namespace {

const std::string ring = R"(duration: 90s
network: {latency: 30ms}
groups: {nodes: {protocol: ring, count: 40}}
workload: [{rate: 10/s, do: "lookup {key}"}]
faults: [{at: 40s, crash: {random: 25%}}]
checks: {every: 30s}
expect: [violations >= 0]
)";

bool holds(const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; }

double sum_of_parts(const nlohmann::json& story) {
  double sum = 0;
  for (const auto& part : story["parts"]) sum += part["time"].get<double>();
  return sum;
}

}  // namespace

TEST_CASE("the parts of a download add up to its time, and its sources are told") {
  const Folder folder;
  folder.write("s.yaml", small_swarm);
  REQUIRE(folder.peerbed("run s.yaml --out r --trace").code == 0);
  const Outcome told = folder.peerbed("explain r");
  CHECK(told.code == 0);
  CHECK(told.err.empty());
  for (const char* words :
       {"download of fetchers.", "It is the slowest of 5.", "asking peers who has the file", "manifest",
        "transferring from sources.0", "fastest: fetchers.", "Sources of fetchers.", "round trip"})
    CHECK(holds(told.out, words));
  REQUIRE(folder.peerbed("report r --json -o r.json").code == 0);
  const auto run = nlohmann::json::parse(text_of(folder / "r.json"))["runs"][0];
  const auto story = run["stories"][0]["slowest"];
  CHECK(story["kind"] == "download");
  CHECK(sum_of_parts(story) == Approx(story["until"].get<double>() - story["from"].get<double>()).epsilon(1e-6));
  std::uint64_t bytes = 0;
  for (const auto& source : story["sources"]) bytes += source["bytes"].get<std::uint64_t>();
  CHECK(bytes >= std::uint64_t{4} << 20);
  CHECK(run["links"]["links"].size() >= 5);
}

TEST_CASE("two downloads at once at one node are told apart") {
  const Folder folder;
  folder.write("s.yaml", R"(duration: 60s
network: {latency: 20ms}
groups:
  trackers: {protocol: swarm, count: 1, options: {role: tracker}}
  sources:
    protocol: swarm
    count: 2
    on_start: ADD film
    uplink: {rate: 20Mbit/s, queue: 256KiB}
    options: {files: [{name: film, size: 8MiB}, {name: song, size: 2MiB}], piece_size: 256KiB}
  fetcher: {protocol: swarm, count: 1, downlink: {rate: 50Mbit/s, queue: 1MiB}}
workload: []
faults:
  - {at: 1s, command: sources, do: ADD song}
  - {at: 5s, command: fetcher, do: DOWN film}
  - {at: 5s, command: fetcher, do: DOWN song}
)");
  REQUIRE(folder.peerbed("run s.yaml --out r --trace").code == 0);
  REQUIRE(folder.peerbed("report r --json -o r.json").code == 0);
  const auto story = nlohmann::json::parse(text_of(folder / "r.json"))["runs"][0]["stories"][0];
  const auto megabytes = [](const nlohmann::json& side) {
    double bytes = 0;
    for (const auto& source : side["sources"]) bytes += source["bytes"].get<double>();
    return bytes / (1 << 20);
  };
  CHECK(megabytes(story["slowest"]) == Approx(8).epsilon(0.1));
  CHECK(megabytes(story["fastest"]) == Approx(2).epsilon(0.1));
}

TEST_CASE("a lookup is told message by message, and a wait says for whom") {
  const Folder folder;
  folder.write("s.yaml", ring);
  REQUIRE(folder.peerbed("run s.yaml --out r --trace").code == 0);
  const Outcome told = folder.peerbed("explain r");
  CHECK(told.code == 0);
  for (const char* words :
       {"lookup of nodes.", " waits", "until its timer deadline fired, which ends a wait for answers",
        "find from nodes.", "The fastest, for comparison"})
    CHECK(holds(told.out, words));
  REQUIRE(folder.peerbed("report r --json -o r.json").code == 0);
  const auto run = nlohmann::json::parse(text_of(folder / "r.json"))["runs"][0];
  const auto story = run["stories"][0]["slowest"];
  CHECK(sum_of_parts(story) == Approx(story["until"].get<double>() - story["from"].get<double>()).epsilon(1e-6));
  // The circle is pictured just before the crash, just after it, and each second from then on.
  std::size_t near = 0;
  std::vector<std::size_t> around;
  for (const auto& frame : run["ring"]["frames"]) {
    const double seconds = frame["seconds"].get<double>();
    near += seconds > 39.99 && seconds < 50.01 ? 1 : 0;
    if (std::abs(seconds - 40) < 0.01) around.push_back(frame["nodes"].size());
  }
  CHECK(near >= 12);
  CHECK(around == std::vector<std::size_t>{40, 30});
}

TEST_CASE("the timers of each protocol are named") {
  const Folder folder;
  folder.write("k.yaml", R"(duration: 60s
network: {latency: 30ms, loss: 10%}
groups: {nodes: {protocol: kademlia, count: 40, options: {refresh_period: 20s}}}
workload: [{rate: 10/s, do: "lookup {key}"}]
faults: [{at: 20s, crash: {random: 25%}}]
)");
  folder.write("s.yaml", small_swarm);
  folder.write("m.yaml", "duration: 20s\ngroups: {members: {protocol: swim, count: 5}}\n");
  for (const std::string scenario : {"k", "s", "m"})
    REQUIRE(folder.peerbed("run " + scenario + ".yaml --out " + scenario + " --trace").code == 0);
  const auto timers_at = [&folder](const std::string& scenario, const std::string& node) {
    return folder.peerbed("trace " + scenario + " --kind timer --node " + node).out;
  };
  const std::string lookups = timers_at("k", "nodes.0");
  CHECK(holds(lookups, "timer deadline"));
  CHECK(holds(lookups, "timer maintenance"));
  CHECK(holds(timers_at("s", "fetchers.0"), "timer pulse"));
  CHECK(holds(timers_at("s", "trackers.0"), "timer heartbeat"));  // other timers than a peer's
  CHECK(holds(timers_at("m", "members.0"), "timer period"));
  const Outcome told = folder.peerbed("explain k");
  CHECK(told.code == 0);
  CHECK(holds(told.out, "got the message, but its answer did not arrive in time"));
}

TEST_CASE("what cannot be explained is refused with the remedy") {
  const Folder folder;
  folder.write("s.yaml", small_swarm);
  REQUIRE(folder.peerbed("run s.yaml --out bare").code == 0);
  REQUIRE(folder.peerbed("run s.yaml --out r --trace").code == 0);
  const auto fails = [&folder](const std::string& arguments, int code, const std::string& sentence) {
    const Outcome outcome = folder.peerbed("explain " + arguments);
    INFO(arguments);
    CHECK(outcome.code == code);
    CHECK(holds(outcome.err, sentence));
  };
  fails("", 2, "explain takes the folder of a run, and a node or an event");
  fails("bare", 3, "bare/events.trace: is missing; run the scenario again with --out and --trace");
  fails("nowhere", 3, "nowhere: is not the folder of a run");
  fails("r fetcher.1", 2, "the run has no node 'fetcher.1'; did you mean 'fetchers.1'?");
  fails("r sources.0", 2, "no download ended at sources.0; the slowest one ended at fetchers.");
  fails("r 1", 2, "nothing that took time ended in event 1; the nearest is the download of fetchers.");
}
