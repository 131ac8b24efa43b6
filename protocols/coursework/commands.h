#pragma once
// The commands that a person or a workload may give to a peer. A peer answers a faulty line with the sentence for its
// fault; a scenario with such a line is refused before the run.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/environment/command.h"

namespace peerbed::coursework {

inline constexpr std::array commands{CommandForm{"Store FILE [TEXT...]", "stores a file, named by four digits"},
                                     CommandForm{"Request FILE", "fetches it"}, CommandForm{"Quit|quit", "leaves"}};

// A line in its parts.
struct CommandWords {
  std::string_view verb;
  std::optional<std::uint16_t> file;  // 0..9999
  std::string_view text;              // of a file that is stored
  std::string_view fault;             // empty when nothing is wrong
};
CommandWords read_command(std::string_view line);

// The four digits of a file's name.
std::string digits_of(std::uint16_t file);

}  // namespace peerbed::coursework
