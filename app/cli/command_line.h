#pragma once
// The command-line program as a function, so that a program with its own protocol has a main of three lines:
//
//   int main(int argc, char** argv) { return peerbed::run_command_line(argc, argv, {my_protocol, ...}); }

#include "app/cli/exit_codes.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed {

// Results go to stdout; progress, logs and errors to stderr. Throws nothing.
int run_command_line(int argc, const char* const* argv, const scenarios::Registry& registry) noexcept;

}  // namespace peerbed
