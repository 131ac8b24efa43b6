#pragma once
// What a person or a workload may type to a peer.

#include <cstdint>
#include <string>
#include <string_view>

namespace peerbed::swarm {

enum class Verb : std::uint8_t { add, get, down, list, remove, cancel, pause, resume, quit, unknown };

struct Command {
  Verb verb = Verb::unknown;
  std::string what{};  // a name, out of its quotation marks, or what stands in its place
};

Command parse_command(std::string_view line);
// All verbs, for a person who typed another.
inline constexpr std::string_view all_verbs = "ADD, GET, DOWN, LIST, REMOVE, CANCEL, PAUSE, RESUME and QUIT";

}  // namespace peerbed::swarm
