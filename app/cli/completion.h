#pragma once
// Command-line completion for three shells, generated from the command tables. Scenarios complete by name (`peerbed
// list --names`) and by file.

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.h"

namespace peerbed::app {

std::string bash_completion(const std::vector<Command>& commands);
std::string zsh_completion(const std::vector<Command>& commands);
std::string fish_completion(const std::vector<Command>& commands);

// How a value or an operand is completed, which its name determines (see Option).
enum class Completes { nothing, choice, scenario, file, folder };
Completes completes(std::string_view value_name);

// Words in single quotes, which all three shells understand.
std::string quoted(const std::string& text, std::string_view escaped_quote);

// The commands that take options: commands without subcommands, and subcommands.
std::vector<const Command*> leaves_of(const std::vector<Command>& commands);

// The last word of a command's name: `peer` for `node peer`.
std::string kind_name(const Command& kind);

}  // namespace peerbed::app
