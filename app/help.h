#pragma once
// `--help`: of the program and of each command, in lines of 80 columns.

#include <iosfwd>
#include <vector>

#include "app/command.h"

namespace peerbed::app {

void print_help(std::ostream& out, const std::vector<Command>& commands);
void print_help(std::ostream& out, const Command& command);

// What stands for an option with its value: `-o, --out DIR`.
std::string shown_option(const Option& option);

}  // namespace peerbed::app
