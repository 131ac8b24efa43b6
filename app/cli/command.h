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
  std::string program;  // as it was called, so that commands the program suggests can be copied
  Words words;          // after the command's name
  const scenarios::Registry& registry;
};

// A command line that works as printed.
struct Example {
  std::string command;
  std::string purpose;  // what it is for, without a full stop
};

// In texts, `words` in back quotes are typed literally. A subcommand (`node peer`) is a command too.
struct Command {
  // Returns an exit code; throws UsageError, ScenarioError, FileError or std::runtime_error on failure.
  using Run = std::function<int(const Invocation& invocation, const Arguments& arguments)>;

  std::string name;                // for a subcommand, including that of its command
  std::string summary;             // one line, without a full stop
  std::vector<std::string> forms;  // what follows the name; each is a usage line
  std::string operand = {};        // the name of words that are not options, like an option's value name; empty: none
  std::string description;         // a few sentences, for --help
  std::string details = {};        // paragraphs that only the manual page has, separated by empty lines
  std::vector<Option> options = {};
  std::vector<Example> examples = {};
  Run run = {};            // empty if it has subcommands
  bool simulates = false;  // runs worlds that may be large
  // After this many words, the first that begins with a hyphen but is not an option of this command counts as a word,
  // and so does everything after it.
  std::size_t own_words = 0;  // 0: all options are its own
  std::vector<Command> kinds = {};
};

}  // namespace peerbed::app
