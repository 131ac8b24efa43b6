#include "app/cli/completion.h"

namespace peerbed::app {
namespace {

constexpr const char* head = R"fish(# Completion of peerbed's command line for fish.

function __peerbed_command -d 'The command on the line, and its kind'
    set -l words (commandline -opc)
    set -e words[1]
    string join ' ' -- (string match -v -- '-*' $words)[1..2]
end
function __peerbed_in -d 'Is this the command on the line?'
    set -l typed (__peerbed_command)
    test "$typed" = "$argv"; or string match -q -- "$argv *" "$typed"
end
function __peerbed_before -d 'Is this all that is on the line?'
    set -l typed (__peerbed_command)
    test "$typed" = "$argv"
end
function __peerbed_scenarios
    peerbed list --names 2>/dev/null
    __fish_complete_path (commandline -ct) | string match -r '^[^\t]*(?:\.yaml|/)(?:\t.*)?$'
end

complete -c peerbed -f
)fish";

std::string quote(const std::string& text) { return quoted(text, "\\'"); }

std::string action_for(std::string_view value_name) {
  switch (completes(value_name)) {
    case Completes::choice: {
      std::string words;
      for (const std::string& word : choices_in(value_name)) words += (words.empty() ? "" : " ") + word;
      return " -x -a " + quote(words);
    }
    case Completes::scenario:
      return " -x -a '(__peerbed_scenarios)'";
    case Completes::file:
      return " -r -F";
    case Completes::folder:
      return " -x -a '(__fish_complete_directories)'";
    case Completes::nothing:
      break;
  }
  return " -x";
}

std::string line(const std::string& condition, const std::string& what, const std::string& description) {
  return "complete -c peerbed -n " + quote(condition) + what + " -d " + quote(description) + "\n";
}

std::string leaf_lines(const Command& command) {
  const std::string here = "__peerbed_in " + command.name;
  std::string script;
  for (const Option& option : command.options) {
    std::string what = " -l " + std::string(option.name);
    if (option.letter != 0) what += " -s " + std::string(1, option.letter);
    if (option.takes_next_word()) what += action_for(option.value_name);
    script += line(here, what, option.help);
  }
  script += line(here, " -l help -s h", help_option.help);
  if (completes(command.operand) != Completes::nothing)
    script += line(here, action_for(command.operand), command.operand);
  return script;
}

}  // namespace

std::string fish_completion(const std::vector<Command>& commands) {
  std::string script = head;
  for (const Command& command : commands) {
    for (const char* condition : {"__peerbed_before", "__peerbed_before help"})
      script += line(condition, " -a " + quote(command.name), command.summary);
    for (const Command& kind : command.kinds)
      script += line("__peerbed_before " + command.name, " -a " + quote(kind_name(kind)), kind.summary);
  }
  script += line("__peerbed_before", " -a help", "show the options of a command");
  script += line("__peerbed_before", " -l help -s h", help_option.help);
  script += line("__peerbed_before", " -l version", "show the version");
  for (const Command* leaf : leaves_of(commands)) script += leaf_lines(*leaf);
  return script;
}

}  // namespace peerbed::app
