#pragma once
// Strict parsing of command lines: no abbreviations, every word accounted for, one-sentence errors.

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace peerbed::app {

// A command line that cannot be understood: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An option as a command declares it. Without a value name it is a switch. The value's name says what may stand there:
// `wheel|heap` one of these words and no other, DIR and RUN a folder, FILE a file, SCENARIO a scenario; another name
// anything.
struct Option {
  const char* name;
  const char* value_name;  // null for a switch
  const char* help;
  bool repeatable = false;
  char letter = 0;                 // for short, as in -o; 0 for none
  bool value_is_optional = false;  // then it is joined to the name by '=', and empty when there is none

  bool takes_next_word() const noexcept { return value_name != nullptr && !value_is_optional; }
};

class Arguments {
 public:
  // `words` are those after the command's name. `--help` is always known, and in no command's table.
  Arguments(std::vector<std::string> words, std::vector<Option> options);

  // Takes the options of `others` that are not given here, and its words when there are none here.
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

// The words that a value's or an operand's name allows: of `wheel|heap` both, of another name none.
std::vector<std::string> choices_in(std::string_view value_name);

}  // namespace peerbed::app
