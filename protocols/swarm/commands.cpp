#include "protocols/swarm/commands.h"

#include <algorithm>
#include <array>

#include "protocols/swarm/base/manifest.h"

namespace peerbed::swarm {

namespace {

struct Spelling {
  std::string_view upper;
  std::string_view lower;
};
// In the order of Verb.
constexpr std::array<Spelling, static_cast<std::size_t>(Verb::unknown)> spellings{{{"ADD", "add"},
                                                                                   {"GET", "get"},
                                                                                   {"DOWN", "down"},
                                                                                   {"LIST", "list"},
                                                                                   {"REMOVE", "remove"},
                                                                                   {"CANCEL", "cancel"},
                                                                                   {"PAUSE", "pause"},
                                                                                   {"RESUME", "resume"},
                                                                                   {"QUIT", "quit"}}};

}  // namespace

Command parse_command(std::string_view line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, space);
  std::string_view rest = line.substr(space);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const auto found = std::find_if(spellings.begin(), spellings.end(), [&](const Spelling& spelling) {
    return word == spelling.upper || word == spelling.lower;
  });
  return {.verb = static_cast<Verb>(found - spellings.begin()), .what = typed_name(rest)};
}

}  // namespace peerbed::swarm
