// The schema and the loader know the same keys.

#include <filesystem>

#include "tests/scenarios/schema_keys.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

std::string with(const std::string& section) {
  return "duration: 10s\ngroups: {a: {protocol: ring, count: 3}}\n" + section;
}

}  // namespace

TEST_CASE("the schema and the loader know the same keys") {
  const auto schema = load_schema();
  const auto& definitions = schema.at("definitions");
  const std::string q = std::string(unknown_key) + ": 1";
  CHECK(known_to_loader(with(q)) == known_to_schema(schema));
  CHECK(known_to_loader("duration: 10s\ngroups: {a: {protocol: ring, count: 3, " + q + "}}") ==
        known_to_schema(definitions.at("group")));
  CHECK(known_to_loader("duration: 10s\ngroups: {a: {protocol: ring, count: 3, storage: {" + q + "}}}") ==
        known_to_schema(definitions.at("storage")));
  CHECK(known_to_loader("duration: 10s\ngroups: {a: {protocol: ring, count: 3, nat: {" + q + "}}}") ==
        known_to_schema(definitions.at("nat")));
  CHECK(known_to_loader("duration: 10s\ngroups: {a: {protocol: ring, count: 3, nat: {carrier: {" + q + "}}}}") ==
        known_to_schema(definitions.at("carrier")));
  CHECK(known_to_loader(with("network: {streams: {" + q + "}}")) == known_to_schema(definitions.at("streams")));
  CHECK(known_to_loader(with("checks: {" + q + "}")) == known_to_schema(definitions.at("checks")));
  CHECK(known_to_loader(with("check: {" + q + "}")) == known_to_schema(definitions.at("check")));
  CHECK(known_to_loader(with("search: {" + q + "}")) == known_to_schema(definitions.at("search")));
  CHECK(known_to_loader(with("limits: {" + q + "}")) == known_to_schema(definitions.at("limits")));
  CHECK(known_to_loader(with("network: {" + q + "}")) == known_to_schema(definitions.at("network")));
  CHECK(known_to_loader(with("network: {between: [{from: a, to: a, " + q + "}]}")) ==
        known_to_schema(definitions.at("between")));
  CHECK(known_to_loader(with("network: {pairs: [{from: 0, to: 1, " + q + "}]}")) ==
        known_to_schema(definitions.at("pair")));
  CHECK(known_to_loader(with("network: {cross_traffic: [{uplink: a, rate: 1bit/s, " + q + "}]}")) ==
        known_to_schema(definitions.at("cross_traffic")));
  CHECK(known_to_loader(with("workload: [{at: 1s, do: x, " + q + "}]")) == known_to_schema(definitions.at("workload")));
  CHECK(known_to_loader(with("faults: [{at: 1s, network: {" + q + "}}]")) == known_to_schema(definitions.at("path")));
}

TEST_CASE("the schema and the loader know the same faults and churn") {
  const auto definitions = load_schema().at("definitions");
  const std::string q = ", " + std::string(unknown_key) + ": 1}]";
  Keys faults;
  for (const char* verb : {"crash: 0", "start: 0", "leave: 0", "pause: 0", "resume: 0",
                           "rolling_restart: 0, spacing: 1s, for: 1s", "partition: 0", "heal: all", "clog: 0, for: 1s",
                           "network: restored", "clock: 0", "lie: 0", "storage: 0", "rate: 0, to: 1bit/s",
                           "command: 0, do: x", "double: any, from: 0, to: 1", "delay: any, from: 0, to: 1, by: 1s"})
    faults.merge(known_to_loader(with("faults: [{at: 1s, " + std::string(verb) + q)));
  CHECK(faults == known_to_schema(definitions.at("fault")));
  Keys churn;
  for (const char* form : {"nodes: a, session: 1s, down: 1s", "arrivals: a, rate: 1/s", "flash_crowd: a, within: 1s"})
    churn.merge(known_to_loader(with("churn: [{" + std::string(form) + q)));
  const std::string file = (std::filesystem::temp_directory_path() / "peerbed_schema_test.avt").string();
  std::ofstream(file) << "a 1 0 9\nb 1 0 9\nc 1 0 9\n";
  churn.merge(known_to_loader(with("churn: [{trace: a, file: '" + file + "'" + q)));
  const std::string window = "churn: [{trace: a, file: '" + file + "', window: {" + std::string(unknown_key) + ": 1}}]";
  CHECK(known_to_loader(with(window)) == known_to_schema(definitions.at("churn").at("properties").at("window")));
  std::filesystem::remove(file);
  CHECK(churn == known_to_schema(definitions.at("churn")));
}
