#pragma once
// Shrinks a finding of a search in a process of its own, since a run of it may end the process.

#include <optional>
#include <string>

#include "scenarios/search/search.h"

namespace peerbed::app {

struct ShrunkFinding {
  scenarios::Essence essence;
  std::string scenario;  // the text of a file
  std::string picture;   // SVG
};

// Depends on the finding alone: tries a fixed number of runs and events, which take some seconds. `command` is the one
// that found it. Nothing if it could not be shrunk. Throws FileError if no process can be started.
std::optional<ShrunkFinding> shrink_finding(const scenarios::Search& search, const scenarios::Genome& genome,
                                            const scenarios::Registry& registry, const std::string& command);

}  // namespace peerbed::app
