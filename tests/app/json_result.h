#pragma once
// What a command prints with --json, for tests.

#include <nlohmann/json.hpp>
#include <string>

#include "tests/app/program.h"

namespace peerbed::tests {

// Runs a shell command that is to exit with this code.
inline nlohmann::json json_of(const Folder& folder, const std::string& command, int code = 0) {
  const Outcome outcome = folder.shell(command + " --json");
  INFO(command << '\n' << outcome.err);
  REQUIRE(outcome.code == code);
  return nlohmann::json::parse(outcome.out);
}

}  // namespace peerbed::tests
