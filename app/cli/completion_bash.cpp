#include "app/cli/completion.h"

namespace peerbed::app {
namespace {

constexpr const char* head = R"bash(# Completion of peerbed's command line for bash.

_peerbed_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }
_peerbed_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$word")
}
_peerbed_scenarios() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(
    [[ $word == */* ]] || compgen -W "$("$program" list --names 2>/dev/null)" -- "$word"
    compgen -f -X '!*.yaml' -- "$word"
    compgen -d -- "$word"
  )
}

_peerbed() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command=${COMP_WORDS[1]} options=
  COMPREPLY=()
  # Bash makes a word of the sign in --option=value.
  if [[ $word == '=' ]]; then
    word=
  elif [[ $before == '=' ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
)bash";

constexpr const char* tail = R"(  if [[ $word == -* ]]; then
    _peerbed_words "$options"
    return
  fi
)";

std::string action_for(std::string_view value_name) {
  switch (completes(value_name)) {
    case Completes::choice: {
      std::string words;
      for (const std::string& word : choices_in(value_name)) words += (words.empty() ? "" : " ") + word;
      return "_peerbed_words '" + words + "'";
    }
    case Completes::scenario:
      return "_peerbed_scenarios";
    case Completes::file:
      return "_peerbed_paths -f";
    case Completes::folder:
      return "_peerbed_paths -d";
    case Completes::nothing:
      break;
  }
  return ":";
}

std::string names_of(const std::vector<Command>& commands) {
  std::string names;
  for (const Command& command : commands) names += kind_name(command) + " ";
  return names;
}

// A branch of a case statement: `pattern) what ;;`.
std::string branch(const std::string& pattern, const std::string& what) {
  return "    " + pattern + ") " + what + " ;;\n";
}

}  // namespace

std::string bash_completion(const std::vector<Command>& commands) {
  std::string script = head;
  script += "  if ((COMP_CWORD == 1)); then\n    _peerbed_words '" + names_of(commands) +
            "help --help --version'\n    return\n  fi\n";
  script += "  case $command in\n";
  script += branch("help", "_peerbed_words '" + names_of(commands) + "'; return");
  for (const Command& command : commands) {
    if (command.kinds.empty()) continue;
    script += branch(command.name, "if ((COMP_CWORD == 2)); then _peerbed_words '" + names_of(command.kinds) +
                                       "--help'; return; fi; command+=\" ${COMP_WORDS[2]}\"");
  }
  script += "  esac\n  case \"$command $before\" in\n";
  std::string options;
  std::string operands;
  for (const Command* command : leaves_of(commands)) {
    std::string known;
    for (const Option& option : command->options) {
      known += "--" + std::string(option.name) + " ";
      if (!option.takes_next_word()) continue;
      std::string pattern = "'" + command->name + " --" + option.name + "'";
      if (option.letter != 0) pattern += " | '" + command->name + " -" + option.letter + "'";
      script += branch(pattern, action_for(option.value_name) + "; return");
    }
    options += branch("'" + command->name + "'", "options='" + known + "--help'");
    if (completes(command->operand) != Completes::nothing)
      operands += branch("'" + command->name + "'", action_for(command->operand));
  }
  script += "  esac\n  case $command in\n" + options + "  esac\n" + tail;
  return script + "  case $command in\n" + operands + "  esac\n}\n\ncomplete -F _peerbed peerbed\n";
}

}  // namespace peerbed::app
