#pragma once
// Manual pages in man(7) macros, generated from the command tables.

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.h"

namespace peerbed::app {

// peerbed(1), and peerbed-COMMAND(1) for one of `commands` or a subcommand.
std::string program_page(const std::vector<Command>& commands);
std::string command_page(const Command& command);

// For other pages: text with everything special to the formatter escaped and back quotes turned to bold; and a page's
// first line.
std::string manual_text(std::string_view text);
std::string manual_title(std::string_view name, int section);

// The name of a command's page: peerbed-node-peer for `node peer`.
std::string page_name(const Command& command);

}  // namespace peerbed::app
