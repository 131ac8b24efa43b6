#pragma once
// The command-line program as a function, so that a program with a protocol of its own is a main of three lines:
//   int main(int argc, char** argv) { return peerbed::run_command_line(argc, argv, {my_protocol, ...}); }

#include "scenarios/protocol.h"

namespace peerbed {

// Exit codes: what the process returns to the shell.
enum ExitCode : int {
  exit_good = 0,
  exit_expectation_failed = 1,  // or a property was violated, or a comparison is for the worse
  exit_usage = 2,               // or a bad scenario
  exit_io = 3,
  exit_diverged = 4,  // a replay was not what its record says
  exit_interrupted = 130,
};

// Results go to stdout; progress, logs and errors to stderr. Throws nothing.
int run_command_line(int argc, const char* const* argv, const scenarios::Registry& registry) noexcept;

}  // namespace peerbed
