#pragma once
// SWIM as a scenario protocol: its options, its checks, and how soon crashes are noticed.

#include <memory>

#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// "swim". A group's options are those of swim::Options by their names there.
std::shared_ptr<const Protocol> swim_protocol();

}  // namespace peerbed::scenarios
