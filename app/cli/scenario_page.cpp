#include "app/cli/scenario_page.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "analysis/results/json_document.h"
#include "app/cli/manual_page.h"

namespace peerbed::app {
namespace {

// Keeps keys in the schema's order.
using Schema = analysis::Json;

std::string text_at(const Schema& schema, const char* key) { return schema.value(key, std::string()); }

std::string either(const std::string& first, const std::string& second) {
  return first.empty() ? second : first + " or " + second;
}

// What a value may be: a definition's name, choices, or a JSON type. Parameters are allowed everywhere and not
// mentioned each time.
std::string kind_of(const Schema& schema) {
  if (schema.contains("$ref")) {
    const std::string name = text_at(schema, "$ref");
    return name.substr(name.rfind('/') + 1);
  }
  std::string kind;
  if (schema.contains("const")) return schema["const"].dump();
  for (const Schema& choice : schema.value("enum", Schema::array())) kind += (kind.empty() ? "" : "|") + choice.dump();
  if (!kind.empty()) {
    kind.erase(std::remove(kind.begin(), kind.end(), '"'), kind.end());
    return kind;
  }
  for (const Schema& each : schema.value("anyOf", Schema::array())) {
    const std::string alternative = kind_of(each);
    const bool is_new = (" " + kind + " ").find(" " + alternative + " ") == std::string::npos;
    if (alternative != "parameter" && !alternative.empty() && is_new) kind = either(kind, alternative);
  }
  if (!kind.empty() || !schema.contains("type")) return kind;
  const Schema& type = schema["type"];
  if (type.is_string() && type != "array") return type.get<std::string>();
  if (type == "array") return "list of " + kind_of(schema.value("items", Schema::object()));
  for (const Schema& each : type) kind = either(kind, each.get<std::string>());
  return kind;
}

std::string shown(const Schema& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string entry(const std::string& key, const Schema& schema) {
  std::string text = text_at(schema, "description");
  if (schema.contains("default"))
    text += std::string(text.empty() ? "" : " ") + shown(schema["default"]) + " by default.";
  const std::string kind = kind_of(schema);
  return ".TP\n\\fB" + manual_text(key) + "\\fR" + (kind.empty() ? "" : ": \\fI" + manual_text(kind) + "\\fR") + "\n" +
         manual_text(text) + "\n";
}

// The keys of an object, and of nested objects with their path.
std::string entries(const std::string& path, const Schema& schema) {
  std::string page;
  const Schema properties = schema.value("properties", Schema::object());
  for (const auto& [key, value] : properties.items())
    page += entry(path + key, value) + entries(path + key + ".", value);
  for (const Schema& each : schema.value("anyOf", Schema::array())) page += entries(path, each);
  return page;
}

std::string definition(const std::string& name, const Schema& schema) {
  std::string page = ".SS " + manual_text(name) + "\n";
  if (schema.contains("description")) page += manual_text(text_at(schema, "description")) + "\n";
  for (const Schema& example : schema.value("examples", Schema::array()))
    page += "For example \\fB" + manual_text(shown(example)) + "\\fR.\n";
  return page + entries("", schema);
}

}  // namespace

std::string scenario_page(const std::string& schema) try {
  const Schema root = Schema::parse(schema);
  std::string page =
      manual_title("peerbed-scenario", 5) +
      ".SH NAME\npeerbed\\-scenario \\- an experiment with a peer\\-to\\-peer protocol, in one YAML file\n"
      ".SH DESCRIPTION\n"
      "A scenario describes an experiment completely: the network, the nodes, their workload, churn and "
      "faults, and the expected results. \\fBpeerbed run\\fR runs a scenario, and \\fBpeerbed "
      "validate\\fR checks one for errors.\n"
      ".PP\nQuantities are written with their units. \\fB$name\\fR can replace any value and stands for the "
      "value of a parameter.\n";
  page += ".SH KEYS\n" + entries("", root);
  page += ".SH VALUES\n";
  for (const auto& [name, value] : root.at("definitions").items()) page += definition(name, value);
  return page + ".SH SEE ALSO\n\\fBpeerbed\\fR(1), \\fBpeerbed\\-run\\fR(1), \\fBpeerbed\\-validate\\fR(1)\n";
} catch (const nlohmann::json::exception& error) {
  throw std::runtime_error("the schema of scenarios cannot be understood: " + std::string(error.what()));
}

}  // namespace peerbed::app
