#include "app/cli/options.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <sstream>

#include "scenarios/text/field.h"

namespace peerbed::app {
namespace {

namespace po = boost::program_options;

// Program_options would take "-5" for an option and complain; a negative number never makes sense.
void refuse_negative_numbers(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return;
    const std::size_t sign = word.starts_with("--") ? word.find("=-") : 0;
    const std::size_t digit = word.starts_with("--") ? sign + 2 : 1;
    const bool negative = sign != std::string::npos && (word.starts_with("--") || word.starts_with("-")) &&
                          digit < word.size() && word[digit] >= '0' && word[digit] <= '9';
    if (negative && !word.starts_with("--set"))
      throw UsageError("'" + word + "' is negative; write a number from 0 up");
  }
}

[[noreturn]] void refuse_unknown(const std::string& given, const std::vector<Option>& options) {
  std::vector<std::string> known;
  for (const Option& option : options) known.push_back("--" + std::string(option.name));
  const std::string nearest = scenarios::nearest_word(given, known);
  throw UsageError(
      "unknown option '" + given + "'; " +
      (nearest.empty() ? "known options are " + scenarios::joined_words(known) : "did you mean '" + nearest + "'?"));
}

// Reports a missing value, or one that a switch does not take.
[[noreturn]] void refuse_value(const std::string& given, const std::vector<Option>& options) {
  for (const Option& option : options) {
    const std::string name = "--" + std::string(option.name);
    if (name != given && (option.letter == 0 || given != "-" + std::string(1, option.letter))) continue;
    if (option.value_name == nullptr) throw UsageError("option '" + name + "' takes no value; write it without one");
    if (option.value_is_optional)
      throw UsageError("option '" + name + "' needs a value; write " + name + ", or " + name + "=" + option.value_name);
    throw UsageError("option '" + name + "' needs a value; write " + name + " " + option.value_name);
  }
  throw UsageError("option '" + given + "' is not valid");
}

void refuse_other_than_choices(const std::string& value, const Option& option) {
  const std::vector<std::string> choices = choices_in(option.value_name);
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  std::string known = choices.front();
  for (std::size_t i = 1; i < choices.size(); ++i) known += (i + 1 == choices.size() ? " or " : ", ") + choices[i];
  throw UsageError("'--" + std::string(option.name) + " " + value + "' is unknown; write " + known);
}

// Takes out options that are given without their optional value: the next word does not belong to them.
std::vector<std::string> take_bare_options(std::vector<std::string>& words, const std::vector<Option>& options) {
  std::vector<std::string> taken;
  for (const Option& option : options) {
    if (!option.value_is_optional) continue;
    const auto behind = std::remove(words.begin(), words.end(), "--" + std::string(option.name));
    taken.insert(taken.end(), static_cast<std::size_t>(words.end() - behind), option.name);
    words.erase(behind, words.end());
  }
  return taken;
}

}  // namespace

const Option help_option{"help", nullptr, "show this help", false, 'h'};

std::vector<std::string> choices_in(std::string_view value_name) {
  std::vector<std::string> choices;
  if (value_name.find('|') == std::string_view::npos) return choices;
  std::istringstream words{std::string(value_name)};
  for (std::string word; std::getline(words, word, '|');) choices.push_back(word);
  return choices;
}

Arguments::Arguments(std::vector<std::string> words, std::vector<Option> options) {
  refuse_negative_numbers(words);
  options.push_back(help_option);
  const std::vector<std::string> bare = take_bare_options(words, options);
  po::options_description known;
  for (const Option& option : options) {
    const std::string name = option.name + (option.letter == 0 ? "" : "," + std::string(1, option.letter));
    if (option.value_name == nullptr)
      known.add_options()(name.c_str(), option.help);
    else
      known.add_options()(name.c_str(), po::value<std::vector<std::string>>(), option.help);
  }
  known.add_options()("positional", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("positional", -1);
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::variables_map map;
  try {
    po::store(po::command_line_parser(words).options(known).positional(positional).style(style).run(), map);
  } catch (const po::unknown_option& error) {
    refuse_unknown(error.get_option_name(), options);
  } catch (const po::invalid_command_line_syntax& error) {
    refuse_value(error.get_option_name(), options);
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  for (const Option& option : options) {
    std::vector<std::string> values(static_cast<std::size_t>(std::count(bare.begin(), bare.end(), option.name)));
    if (map.count(option.name) == 0 && values.empty()) continue;
    if (option.value_name != nullptr && map.count(option.name) != 0) {
      const auto& given = map[option.name].as<std::vector<std::string>>();
      values.insert(values.end(), given.begin(), given.end());
    }
    // Program_options takes the next option as a forgotten value: a folder would be called --json.
    for (const std::string& value : values)
      if (value.starts_with("--")) refuse_value("--" + std::string(option.name), options);
    for (const std::string& value : values) refuse_other_than_choices(value, option);
    if (values.size() > 1 && !option.repeatable)
      throw UsageError("option '--" + std::string(option.name) + "' is given more than once; give it once");
    given_.emplace_back(option.name, std::move(values));
  }
  if (map.count("positional") != 0) positional_ = map["positional"].as<std::vector<std::string>>();
}

void Arguments::complete_from(const Arguments& others) {
  for (const auto& [name, values] : others.given_)
    if (!has(name)) given_.emplace_back(name, values);
  if (positional_.empty()) positional_ = others.positional_;
}

bool Arguments::has(const std::string& name) const {
  return std::any_of(given_.begin(), given_.end(), [&](const auto& each) { return each.first == name; });
}

std::vector<std::string> Arguments::values(const std::string& name) const {
  for (const auto& [given, values] : given_)
    if (given == name) return values;
  return {};
}

std::optional<std::string> Arguments::value(const std::string& name) const {
  const auto all = values(name);
  return all.empty() ? std::nullopt : std::optional(all.front());
}

}  // namespace peerbed::app
