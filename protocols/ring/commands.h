#pragma once
// The commands that a person or a workload may give to a ring node. A node answers a faulty line with the sentence for
// its fault; a scenario with such a line is refused before the run.

#include <array>
#include <string>
#include <string_view>

#include "protocols/environment/command.h"
#include "protocols/ring/base/key.h"

namespace peerbed::ring {

inline constexpr std::array commands{
    CommandForm{"lookup KEY", "who owns the key"},
    CommandForm{"put NAME VALUE...", "stores a value, with --ttl DURATION for so long"},
    CommandForm{"get NAME", "fetches a value"}, CommandForm{"remove NAME", "removes a value"},
    CommandForm{"quit|Quit", "leaves"}};
// Empty when nothing is wrong.
std::string fault_of_command(std::string_view line, KeySpace space);

}  // namespace peerbed::ring
