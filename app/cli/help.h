#pragma once
// `--help` of the program and of each command, in lines of 80 columns.

#include <iosfwd>
#include <vector>

#include "app/cli/command.h"

namespace peerbed::app {

// A program with its own protocol is shown by its own name.
void print_help(std::ostream& out, const std::vector<Command>& commands, const std::string& program);
void print_help(std::ostream& out, const Command& command, const std::string& program);
// "peerbed 0.1.0", or "gossip, with peerbed 0.1.0".
std::string version_line(const std::string& program);
// Adapts a sentence to a program with another name: `peerbed run` becomes `gossip run`.
std::string said_by(const std::string& program, std::string text);

// How an option is shown with its value: `-o, --out DIR`.
std::string shown_option(const Option& option);

}  // namespace peerbed::app
