#include "app/node_config.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "scenarios/document.h"
#include "scenarios/field.h"

namespace peerbed::app {
namespace {

using scenarios::Field;
using scenarios::MapReader;

void add_settings(const Field& field, const std::string& option, std::vector<std::string>& words) {
  field.map([&](MapReader& settings) {
    for (const auto& [name, value] : settings.all()) words.push_back("--" + option + "=" + name + "=" + value.text());
  });
}

void add_option(const Field& field, const Option& option, std::vector<std::string>& words) {
  const std::string name = option.name;
  if (option.value_name == nullptr) {
    if (field.boolean()) words.push_back("--" + name);
  } else if (field.is_map() && option.value_name == std::string_view("NAME=VALUE")) {
    add_settings(field, name, words);
  } else if (option.repeatable) {
    for (const Field& element : field.elements()) words.push_back("--" + name + "=" + element.text());
  } else {
    words.push_back("--" + name + "=" + field.text());
  }
}

}  // namespace

const Option config_option{"config", "FILE", "options in a YAML file; those given here come before them"};

std::vector<std::string> read_config(const std::string& file, const std::vector<Option>& options) {
  std::error_code error;
  std::ifstream stream(file, std::ios::binary);
  if (!std::filesystem::is_regular_file(file, error) || !stream)
    throw std::runtime_error(
        "--config " + file +
        (std::filesystem::exists(file, error) ? " is no file that can be read" : ": there is no such file"));
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  std::vector<std::string> words;
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return words;
  const scenarios::Document document = scenarios::parse_document(text, file);
  Field(document, document.root, "").map([&](MapReader& map) {
    for (const Option& option : options)
      if (option.name != std::string_view(config_option.name))
        if (const auto field = map.find(option.name)) add_option(*field, option, words);
  });
  return words;
}

}  // namespace peerbed::app
