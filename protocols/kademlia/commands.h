#pragma once
// The commands that a person or a workload may give to a Kademlia node. A node answers a faulty line with the sentence
// for its fault; a scenario with such a line is refused before the run.

#include <array>
#include <string>
#include <string_view>

#include "protocols/environment/command.h"

namespace peerbed::kademlia {

inline constexpr std::array commands{CommandForm{"lookup KEY", "finds the node closest to a key"},
                                     CommandForm{"put NAME VALUE...", "stores a value"},
                                     CommandForm{"get NAME", "fetches a value"}, CommandForm{"quit|Quit", "leaves"}};

// The first word of a line, and the rest behind the blanks that follow it.
struct CommandWords {
  std::string_view first;
  std::string_view rest;
};
CommandWords words_of(std::string_view line) noexcept;

// Empty when nothing is wrong.
std::string fault_of_command(std::string_view line);

}  // namespace peerbed::kademlia
