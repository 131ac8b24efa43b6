// The schema, the loader and the protocols agree about the options of protocols: names, defaults and ranges.

#include <tuple>

#include "protocols/coursework/options.h"
#include "protocols/kademlia/base/options.h"
#include "protocols/ring/base/options.h"
#include "protocols/swarm/base/options.h"
#include "protocols/swim/options.h"
#include "scenarios/text/units.h"
#include "tests/scenarios/schema_keys.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

using Json = nlohmann::ordered_json;

Json options_in_schema(const std::string& protocol) {
  return load_schema().at("definitions").at(protocol + "_options");
}

std::string scenario_with(const std::string& protocol, const std::string& option) {
  return "duration: 10s\ngroups: {a: {protocol: " + protocol + ", count: 40, options: {" + option + "}}}\n";
}

bool is_accepted(const std::string& protocol, const std::string& option) {
  try {
    load_scenario(parse_document(scenario_with(protocol, option), "t.yaml"), standard_protocols());
    return true;
  } catch (const ScenarioError&) {
    return false;
  }
}

// The value as written in a scenario.
std::string written(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// The default of an option in its protocol's units; no limit is 0 there.
template <class Value>
Value in_units_of(const Json& schema) {
  if (!schema.contains("default")) return Value{};
  const Json& value = schema.at("default");
  if constexpr (std::is_same_v<Value, Duration>) {
    return parse_duration(value.get<std::string>()).value();
  } else if constexpr (std::is_enum_v<Value>) {
    const Json& words = schema.at("anyOf").at(0).at("enum");
    return static_cast<Value>(std::find(words.begin(), words.end(), value) - words.begin());
  } else if (value.is_string()) {
    return static_cast<Value>(parse_size(value.get<std::string>()).value());
  } else {
    return value.get<Value>();
  }
}

// `options` are the protocol's defaults, with fields in the same order as in the schema; `others` are the options that
// only the scenario's group has.
template <class Options>
void check_defaults(const Options& options, const std::string& protocol, const Keys& others) {
  const Json properties = options_in_schema(protocol).at("properties");
  auto property = properties.begin();
  const auto check = [&](const auto& value) {
    while (property != properties.end() && others.contains(property.key())) ++property;
    REQUIRE(property != properties.end());
    INFO(protocol << "." << property.key());
    CHECK(in_units_of<std::decay_t<decltype(value)>>(property.value()) == value);
    ++property;
  };
  std::apply([&](const auto&... values) { (check(values), ...); }, options.fields());
  CHECK(property == properties.end());
}

// The one role that uses an option.
std::string user_of(const std::string& key) {
  for (const char* other :
       {"heartbeat_interval", "missed_heartbeats", "push_period", "maximum_peers", "remembered_changes"})
    if (key == other) return ", role: tracker";
  return "";
}

}  // namespace

TEST_CASE("the schema and the loader know the same options of protocols") {
  const std::string q = std::string(unknown_key) + ": 1";
  for (const char* protocol : {"ring", "coursework", "kademlia", "swim", "swarm"})
    CHECK(known_to_loader(scenario_with(protocol, q)) == known_to_schema(options_in_schema(protocol)));
  const Json file = options_in_schema("swarm").at("properties").at("files").at("items");
  CHECK(known_to_loader(scenario_with("swarm", "files: [{name: a, size: 1MiB, " + q + "}]")) == known_to_schema(file));
}

TEST_CASE("the defaults in the schema are those of the protocols") {
  check_defaults(ring::Options{}, "ring", {"profile", "identifiers", "fingers", "check_reachability"});
  CHECK(options_in_schema("ring").at("properties").at("fingers").at("default") == ring::Options{}.fingers);
  check_defaults(coursework::Options{}, "coursework", {"identifiers", "known"});
  check_defaults(kademlia::Options{}, "kademlia", {});
  check_defaults(swim::Options{}, "swim", {});
  check_defaults(swarm::Options{}, "swarm", {"role", "files"});
}

TEST_CASE("the loader accepts the option values that the schema allows and no others") {
  for (const std::string protocol : {"ring", "coursework", "kademlia", "swim", "swarm"}) {
    const Json properties = options_in_schema(protocol).at("properties");
    for (const auto& [key, schema] : properties.items()) {
      INFO(protocol << "." << key);
      if (schema.contains("default"))
        CHECK(is_accepted(protocol, key + ": " + written(schema.at("default")) + user_of(key)));
      if (!schema.contains("anyOf")) continue;
      const Json& value = schema.at("anyOf").at(0);
      for (const Json& word : value.value("enum", Json::array()))
        CHECK(is_accepted(protocol, key + ": " + word.get<std::string>()));
      if (value.contains("enum")) CHECK_FALSE(is_accepted(protocol, key + ": " + unknown_key));
      if (!value.contains("maximum")) continue;
      const auto least = value.at("minimum").get<std::int64_t>();
      const auto most = value.at("maximum").get<std::int64_t>();
      // These limit each other.
      const std::string pair = key == "least_outstanding"       ? ", most_outstanding: 1024"
                               : key == "most_outstanding"      ? ", least_outstanding: 1"
                               : key == "replicas"              ? ", successor_list_length: 32"
                               : key == "successor_list_length" ? ", replicas: 2"
                                                                : user_of(key);
      CHECK(is_accepted(protocol, key + ": " + std::to_string(least) + pair));
      CHECK(is_accepted(protocol, key + ": " + std::to_string(most) + pair));
      CHECK_FALSE(is_accepted(protocol, key + ": " + std::to_string(least - 1) + pair));
      CHECK_FALSE(is_accepted(protocol, key + ": " + std::to_string(most + 1) + pair));
    }
  }
}
