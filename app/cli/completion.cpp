#include "app/cli/completion.h"

namespace peerbed::app {

Completes completes(std::string_view value_name) {
  if (!choices_in(value_name).empty()) return Completes::choice;
  if (value_name == "SCENARIO") return Completes::scenario;
  if (value_name == "FILE") return Completes::file;
  if (value_name == "DIR" || value_name == "RUN") return Completes::folder;
  return Completes::nothing;
}

std::string quoted(const std::string& text, std::string_view escaped_quote) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string(escaped_quote) : std::string(1, c);
  return result + "'";
}

std::vector<const Command*> leaves_of(const std::vector<Command>& commands) {
  std::vector<const Command*> leaves;
  for (const Command& command : commands) {
    if (command.kinds.empty()) leaves.push_back(&command);
    for (const Command& kind : command.kinds) leaves.push_back(&kind);
  }
  return leaves;
}

std::string kind_name(const Command& kind) { return kind.name.substr(kind.name.rfind(' ') + 1); }

}  // namespace peerbed::app
