#pragma once
// Manual pages in man(7) macros, generated from the command tables.

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.h"

namespace peerbed::app {

// peerbed(1), and peerbed-COMMAND(1) of one of `commands` or of its kinds.
std::string program_page(const std::vector<Command>& commands);
std::string command_page(const Command& command);

// For other pages: text in which no character is a command of the formatter, and what is between back quotes bold;
// and a page's first line.
std::string manual_text(std::string_view text);
std::string manual_title(std::string_view name, int section);

// The file in which a command's page is looked for: `node peer` in peerbed-node-peer.
std::string page_name(const Command& command);

}  // namespace peerbed::app
