#pragma once
// The commands that a person or a workload may give to a SWIM member.

#include <array>
#include <string_view>

#include "protocols/environment/command.h"

namespace peerbed::swim {

inline constexpr std::array commands{CommandForm{"members", "lists the members"}, CommandForm{"quit|Quit", "leaves"}};

}  // namespace peerbed::swim
