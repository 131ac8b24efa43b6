// That the schema and the loader know the same keys.

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "scenarios/scenario.h"
#include "scenarios/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

using Keys = std::set<std::string>;

constexpr const char* stranger = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

// The keys that the loader says it knows where `stranger` stands.
Keys known_to_loader(const std::string& text) {
  try {
    load_scenario(parse_document(text, "t.yaml"), standard_protocols());
  } catch (const ScenarioError& error) {
    std::string words = error.sentence();
    const std::string marker = "known here are ";
    const std::size_t at = words.find(marker);
    INFO(words);
    REQUIRE(at != std::string::npos);
    words.erase(0, at + marker.size());
    if (const std::size_t last = words.find(" and "); last != std::string::npos) words.replace(last, 5, ", ");
    Keys keys;
    for (std::size_t begin = 0; begin < words.size();) {
      const std::size_t comma = std::min(words.find(", ", begin), words.size());
      keys.insert(words.substr(begin, comma - begin));
      begin = comma + 2;
    }
    return keys;
  }
  FAIL("the loader takes anything here: " << text);
  return {};
}

Keys known_to_schema(const nlohmann::json& object) {
  Keys keys;
  for (const auto& [key, value] : object.at("properties").items()) keys.insert(key);
  return keys;
}

std::string with(const std::string& section) {
  return "duration: 10s\ngroups: {a: {protocol: ring, count: 3}}\n" + section;
}

}  // namespace

TEST_CASE("the schema and the loader know the same keys") {
  std::ifstream stream(PEERBED_SOURCE_DIR "/scenarios/schema.json");
  const auto schema = nlohmann::json::parse(stream);
  const auto& definitions = schema.at("definitions");
  const std::string q = std::string(stranger) + ": 1";
  CHECK(known_to_loader(with(q)) == known_to_schema(schema));
  CHECK(known_to_loader("duration: 10s\ngroups: {a: {protocol: ring, count: 3, " + q + "}}") ==
        known_to_schema(definitions.at("group")));
  CHECK(known_to_loader("duration: 10s\ngroups: {a: {protocol: ring, count: 3, storage: {" + q + "}}}") ==
        known_to_schema(definitions.at("storage")));
  CHECK(known_to_loader(with("network: {streams: {" + q + "}}")) == known_to_schema(definitions.at("streams")));
  CHECK(known_to_loader(with("checks: {" + q + "}")) == known_to_schema(definitions.at("checks")));
  CHECK(known_to_loader(with("network: {" + q + "}")) == known_to_schema(definitions.at("network")));
  CHECK(known_to_loader(with("network: {between: [{from: a, to: a, " + q + "}]}")) ==
        known_to_schema(definitions.at("between")));
  CHECK(known_to_loader(with("network: {pairs: [{from: 0, to: 1, " + q + "}]}")) ==
        known_to_schema(definitions.at("pair")));
  CHECK(known_to_loader(with("workload: [{at: 1s, do: x, " + q + "}]")) == known_to_schema(definitions.at("workload")));
  CHECK(known_to_loader(with("faults: [{at: 1s, network: {" + q + "}}]")) == known_to_schema(definitions.at("path")));
}

TEST_CASE("the schema and the loader know the same faults and churn") {
  std::ifstream stream(PEERBED_SOURCE_DIR "/scenarios/schema.json");
  const auto definitions = nlohmann::json::parse(stream).at("definitions");
  const std::string q = ", " + std::string(stranger) + ": 1}]";
  Keys faults;
  for (const char* verb : {"crash: 0", "start: 0", "leave: 0", "pause: 0", "resume: 0",
                           "rolling_restart: 0, spacing: 1s, for: 1s", "partition: 0", "heal: all", "clog: 0, for: 1s",
                           "network: restored", "clock: 0", "lie: 0", "storage: 0", "command: 0, do: x"})
    faults.merge(known_to_loader(with("faults: [{at: 1s, " + std::string(verb) + q)));
  CHECK(faults == known_to_schema(definitions.at("fault")));
  Keys churn;
  for (const char* form : {"nodes: a, session: 1s, down: 1s", "arrivals: a, rate: 1/s", "flash_crowd: a, within: 1s"})
    churn.merge(known_to_loader(with("churn: [{" + std::string(form) + q)));
  churn.insert("file");  // asked for with a trace, which must be there first
  CHECK(churn == known_to_schema(definitions.at("churn")));
}
