#include "app/cli/completion.h"

namespace peerbed::app {
namespace {

constexpr const char* head = R"zsh(#compdef peerbed
# Completion of peerbed's command line for zsh.

_peerbed_scenarios() {
  local -a names
  names=(${(f)"$(_call_program scenarios $service list --names 2>/dev/null)"})
  _alternative "scenarios:scenario:($names)" 'files:file:_files -g "*.yaml"'
}

)zsh";

std::string escaped(const std::string& text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string quote(const std::string& text) { return quoted(text, "'\\''"); }

std::string action_for(std::string_view value_name) {
  switch (completes(value_name)) {
    case Completes::choice: {
      std::string words;
      for (const std::string& word : choices_in(value_name)) words += (words.empty() ? "" : " ") + word;
      return "(" + words + ")";
    }
    case Completes::scenario:
      return "_peerbed_scenarios";
    case Completes::file:
      return "_files";
    case Completes::folder:
      return "_files -/";
    case Completes::nothing:
      break;
  }
  return " ";
}

// In the form that _arguments takes.
std::string specification(const Option& option) {
  const std::string name = "--" + std::string(option.name);
  const std::string letter = option.letter == 0 ? "" : "-" + std::string(1, option.letter);
  const char* sign = option.takes_next_word() ? "=" : "";
  std::string rest = "[" + escaped(option.help, "[]:\\") + "]";
  if (option.takes_next_word()) rest += ":" + escaped(option.value_name, ":\\") + ":" + action_for(option.value_name);
  const std::string before = option.repeatable ? "*" : letter.empty() ? "" : "(" + letter + " " + name + ")";
  std::string text = "    " + quote(before + name + sign + rest) + " \\\n";
  if (!letter.empty()) text += "    " + quote(before + letter + (*sign == 0 ? "" : "+") + rest) + " \\\n";
  return text;
}

std::string function_name(const Command& command) {
  std::string name = "_peerbed_" + command.name;
  for (char& c : name)
    if (c == ' ' || c == '-') c = '_';
  return name;
}

std::string leaf_function(const Command& command) {
  std::string script = function_name(command) + "() {\n  _arguments -s -S \\\n";
  for (const Option& option : command.options) script += specification(option);
  script += specification(help_option);
  if (completes(command.operand) != Completes::nothing)
    script += "    " + quote("*:" + escaped(command.operand, ":\\") + ":" + action_for(command.operand)) + " \\\n";
  return script + "    && return 0\n}\n\n";
}

// A function that completes one of `commands`, and then its arguments.
std::string choosing_function(const std::string& name, const std::vector<Command>& commands,
                              const std::string& others) {
  std::string script = name + "() {\n  local -a commands\n  commands=(\n";
  for (const Command& command : commands)
    script += "    " + quote(escaped(kind_name(command), ":\\") + ":" + escaped(command.summary, ":\\")) + "\n";
  script += others +
            "  )\n  if ((CURRENT == 2)); then\n    _describe -t commands command commands\n    return\n  fi\n"
            "  shift words\n  ((CURRENT--))\n  case $words[1] in\n";
  for (const Command& command : commands)
    script += "    " + kind_name(command) + ") " + function_name(command) + " ;;\n";
  if (!others.empty()) script += "    help) ((CURRENT == 2)) && _describe -t commands command commands ;;\n";
  return script + "  esac\n}\n\n";
}

}  // namespace

std::string zsh_completion(const std::vector<Command>& commands) {
  std::string script = head;
  for (const Command& command : commands) {
    if (command.kinds.empty()) {
      script += leaf_function(command);
      continue;
    }
    for (const Command& kind : command.kinds) script += leaf_function(kind);
    script += choosing_function(function_name(command), command.kinds, "");
  }
  script += choosing_function("_peerbed", commands, "    'help:show the options of a command'\n");
  return script + "_peerbed \"$@\"\n";
}

}  // namespace peerbed::app
