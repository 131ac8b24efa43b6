#pragma once
// Checks command lines against the forms that a protocol publishes (protocols/environment/command.h).

#include <span>
#include <string>
#include <string_view>

#include "protocols/environment/command.h"

namespace peerbed::scenarios {

// What is wrong with a line that matches none of these forms, as a phrase: "'lokup' is no command of theirs; did you
// mean 'lookup'?". Empty if it matches one.
std::string fault_of_command(std::span<const CommandForm> forms, std::string_view line);

}  // namespace peerbed::scenarios
