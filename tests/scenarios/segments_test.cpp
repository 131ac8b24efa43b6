// Segments of 64 KiB are fast, single packets exact: the swarm's scenarios take as long with either. Here they are cut
// short; `make segments` compares them in full.

#include <cmath>
#include <string>
#include <vector>

#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

using Overrides = std::vector<Override>;

double download_time(const std::string& name, Overrides overrides, const std::string& segment) {
  overrides.push_back({"network.streams.segment", segment, "--set network.streams.segment=" + segment});
  const std::string file = PEERBED_SOURCE_DIR "/scenarios/" + name + ".yaml";
  const RunResult result = run_scenario(load_scenario(file, standard_protocols(), overrides));
  const auto time = result.metrics.find("download.done.latency.mean");
  REQUIRE(time.has_value());
  return time->value;
}

Override set(const std::string& path, const std::string& value) { return {path, value, "--set " + path + "=" + value}; }

double difference(const std::string& name, const Overrides& overrides) {
  return download_time(name, overrides, "64KiB") / download_time(name, overrides, "1460B") - 1;
}

}  // namespace

TEST_CASE("downloads take as long in segments of 64 KiB as packet by packet") {
  struct Case {
    std::string name;
    Overrides overrides;
  };
  const auto files = [](const std::string& group) { return "groups." + group + ".options.files.0.size"; };
  const Case shortened = GENERATE_COPY(values<Case>({
      {"swarm-speedup", {set(files("sources"), "64MiB"), set("duration", "15s")}},
      {"swarm-liar", {set(files("sources"), "64MiB"), set("duration", "15s")}},
      {"swarm-narrow", {set(files("sources"), "64MiB"), set("duration", "15s")}},
      {"swarm-source-crashes", {set(files("sources"), "96MiB"), set("duration", "30s")}},
      {"swarm-unequal", {set(files("slow"), "64MiB"), set(files("fast"), "64MiB"), set("duration", "15s")}},
  }));
  CAPTURE(shortened.name);
  CHECK(std::abs(difference(shortened.name, shortened.overrides)) < 0.03);
}

// In a crowd it is a matter of chance which peer serves which, so that single runs differ by more than segments cause.
TEST_CASE("crowds take as long in segments of 64 KiB as packet by packet") {
  const std::string name =
      GENERATE("swarm-distribution", "swarm-bottleneck", "swarm-flash-crowd", "swarm-tracker-crash");
  double quick = 0, exact = 0;
  for (const char* seed : {"1", "2", "3", "4"}) {
    Overrides overrides{set("seed", seed)};
    if (name != "swarm-bottleneck") overrides.push_back(set("groups.source.options.files.0.size", "8MiB"));
    if (name == "swarm-distribution") overrides.push_back(set("downloaders", "8"));
    if (name == "swarm-flash-crowd") overrides.push_back(set("peers", "20"));
    if (name == "swarm-tracker-crash") overrides.push_back(set("groups.late.count", "1"));
    quick += download_time(name, overrides, "64KiB");
    exact += download_time(name, overrides, "1460B");
  }
  CAPTURE(name, quick / exact - 1);
  CHECK(std::abs(quick / exact - 1) < 0.06);
}
