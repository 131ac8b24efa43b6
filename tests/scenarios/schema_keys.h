#pragma once
// Keys known to the JSON Schema and to the loader, for tests that compare both.

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "scenarios/plan/scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

namespace peerbed::scenarios {

using Keys = std::set<std::string>;

inline constexpr const char* unknown_key = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

// The keys that the loader suggests in place of `unknown_key`.
inline Keys known_to_loader(const std::string& text) {
  try {
    load_scenario(parse_document(text, "t.yaml"), standard_protocols());
  } catch (const ScenarioError& error) {
    std::string words = error.sentence();
    const std::string marker = "known keys are ";
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

inline Keys known_to_schema(const nlohmann::ordered_json& object) {
  Keys keys;
  for (const auto& [key, value] : object.at("properties").items()) keys.insert(key);
  return keys;
}

// The schema, with its keys in the file's order.
inline nlohmann::ordered_json load_schema() {
  std::ifstream stream(PEERBED_SOURCE_DIR "/scenarios/schema.json");
  return nlohmann::ordered_json::parse(stream);
}

}  // namespace peerbed::scenarios
