#pragma once
// A command as data: the function that runs it, its options and arguments, and its descriptions. Parsing, help, manual
// pages and shell completion are all derived from it, so nothing is stated twice.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "app/cli/options.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::app {

using Words = std::vector<std::string>;

struct Invocation {
  std::string program;  // as it was called, so that what the program suggests can be typed as it stands
  Words words;          // after the command's name
  const scenarios::Registry& registry;
};

// A command line that works as printed.
struct Example {
  std::string command;
  std::string purpose;  // what one wants of it, without a full stop
};

// In texts, `words` between back quotes are typed as they stand. A kind of a command (`node peer`) is a command too.
struct Command {
  // Returns an exit code; throws UsageError, ScenarioError, FileError or std::runtime_error for what it cannot do.
  using Run = std::function<int(const Invocation& invocation, const Arguments& arguments)>;

  std::string name;                // with that of the command whose kind it is
  std::string summary;             // one line, without a full stop
  std::vector<std::string> forms;  // what follows the name, one or more ways
  std::string operand = {};        // the name of words that are no options, as of an option's value; empty: none
  std::string description;         // a few whole sentences, for --help
  std::string details = {};        // paragraphs for the manual page alone, with an empty line between
  std::vector<Option> options = {};
  std::vector<Example> examples = {};
  Run run = {};            // empty when it has kinds
  bool simulates = false;  // worlds that may be large
  // Behind so many words what begins with a hyphen, but is no option of this command, and all behind it are words.
  std::size_t own_words = 0;  // 0: all options are its own
  std::vector<Command> kinds = {};
};

}  // namespace peerbed::app
