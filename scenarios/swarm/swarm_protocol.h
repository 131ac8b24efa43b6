#pragma once
// The trackers and peers of protocols/swarm as a scenario protocol: their options, their files, their checks and
// measurements.

#include <memory>

#include "protocols/swarm/base/options.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// "swarm". A group's options are those of swarm::Options, with the same names, and
//   role: tracker              peer when absent; peers enrol with all trackers of the scenario
//   files: [{name: film, size: 512MiB}]   lie on the disk of each host of the group; of one name everywhere the same
std::shared_ptr<const Protocol> swarm_protocol();

// Reads those of swarm::Options.
swarm::SharedOptions read_swarm_options(MapReader& map);

}  // namespace peerbed::scenarios
