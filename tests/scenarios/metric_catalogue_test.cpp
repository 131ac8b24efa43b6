// The catalogue knows every metric that a run has.

#include "scenarios/plan/metric_catalogue.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

bool is_number(Unit unit) { return unit == Unit::none || unit == Unit::count; }

void check_catalogue(const std::string& file, const std::vector<Override>& overrides) {
  const Scenario scenario =
      load_scenario(PEERBED_SOURCE_DIR "/scenarios/" + file + ".yaml", standard_protocols(), overrides);
  const MetricCatalogue catalogue(scenario.groups, scenario.judges_history);
  const RunResult result = run_scenario(scenario);
  for (const auto& [name, metric] : result.metrics.all()) {
    INFO(name);
    const Unit* unit = catalogue.find(name);
    REQUIRE(unit != nullptr);
    CHECK((*unit == metric.unit || (is_number(*unit) && is_number(metric.unit))));
  }
}

}  // namespace

TEST_CASE("every metric of a run is in the catalogue, with its unit") {
  check_catalogue("ring-lossy", {{"nodes", "20", ""}});
  check_catalogue("ring-coursework", {});
  check_catalogue("ring-storage-churn", {{"nodes", "20", ""}});
  check_catalogue("ring-registers", {{"nodes", "12", ""}});
  check_catalogue("kademlia-churn", {{"nodes", "30", ""}});
  check_catalogue("swim-crash", {{"nodes", "30", ""}});
  check_catalogue("swarm-liar", {});
  check_catalogue("swarm-tracker-crash", {});
  check_catalogue("ring-nat", {});
  check_catalogue("swarm-nat", {});
}
