#pragma once
// Strict parsing of command lines: no abbreviations, every word accounted for, one-sentence errors.

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace peerbed::app {

// An invalid command line: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An option as a command declares it. Without a value name it is a switch. The value's name determines what is allowed:
// `wheel|heap` one of these words, DIR and RUN a folder, FILE a file, SCENARIO a scenario; any other name allows
// anything.
struct Option {
  const char* name;
  const char* value_name;  // null for a switch
  const char* help;
  bool repeatable = false;
  char letter = 0;                 // short form, as in -o; 0 for none
  bool value_is_optional = false;  // if given, it is joined to the name by '='; otherwise it is empty

  bool takes_next_word() const noexcept { return value_name != nullptr && !value_is_optional; }
};

class Arguments {
 public:
  // `words` are those after the command's name. `--help` is always known, and is not listed in any command's table.
  Arguments(std::vector<std::string> words, std::vector<Option> options);

  // Adds options of `others` that are not given here, and its words if there are none here.
  void complete_from(const Arguments& others);

  bool has(const std::string& name) const;
  std::optional<std::string> value(const std::string& name) const;
  std::vector<std::string> values(const std::string& name) const;
  const std::vector<std::string>& positional() const noexcept { return positional_; }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> given_;
  std::vector<std::string> positional_;
};

extern const Option help_option;

// The words that a value's or an operand's name allows: both for `wheel|heap`, none for a plain name.
std::vector<std::string> choices_in(std::string_view value_name);

}  // namespace peerbed::app
