#include "app/node/node_config.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "scenarios/text/document.h"
#include "scenarios/text/field.h"

namespace peerbed::app {
namespace {

using scenarios::Field;
using scenarios::MapReader;

void add(NodeConfig& config, const std::string& option, const std::string& value, const Field& field) {
  config.words.push_back(option + "=" + value);
  config.origins.push_back({option + " " + value, scenarios::to_string(field.position())});
}

void add_option(const Field& field, const Option& option, NodeConfig& config) {
  const std::string name = std::string("--") + option.name;
  if (option.value_name == nullptr) {
    if (field.boolean()) config.words.push_back(name);
  } else if (field.is_map() && option.value_name == std::string_view("NAME=VALUE")) {
    field.map([&](MapReader& settings) {
      for (const auto& [key, value] : settings.all()) add(config, name, key + "=" + value.text(), value);
    });
  } else if (option.repeatable) {
    for (const Field& element : field.elements()) add(config, name, element.text(), element);
  } else {
    add(config, name, field.text(), field);
  }
}

}  // namespace

const Option config_option{"config", "FILE", "options in a YAML file; those given here come before them"};

std::string NodeConfig::with_position(const std::string& complaint, const Arguments& given) const {
  for (const Origin& origin : origins) {
    const std::string option = origin.words.substr(2, origin.words.find(' ') - 2);
    if (!given.has(option) && complaint.find(origin.words) != std::string::npos)
      return origin.position + ": " + complaint;
  }
  return complaint;
}

NodeConfig read_config(const std::string& file, const std::vector<Option>& options) {
  std::error_code error;
  std::ifstream stream(file, std::ios::binary);
  if (!std::filesystem::is_regular_file(file, error) || !stream)
    throw std::runtime_error("--config " + file +
                             (std::filesystem::exists(file, error) ? ": cannot be read" : ": no such file"));
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  NodeConfig config;
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return config;
  const scenarios::Document document = scenarios::parse_document(text, file);
  Field(document, document.root, "").map([&](MapReader& map) {
    for (const Option& option : options)
      if (option.name != std::string_view(config_option.name))
        if (const auto field = map.find(option.name)) add_option(*field, option, config);
  });
  return config;
}

}  // namespace peerbed::app
