#pragma once
// A step of the world as a four-byte hash, to compare runs, and as text, to name the step that differs.

#include <cstdint>
#include <string>

#include "host/step.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// Covers the whole step: time, ends, sequence, kind, timer and bytes.
std::uint32_t step_hash(const Step& step);

// "12.5s: datagram lookup (34 bytes) from peer 2 to peer 8".
std::string step_text(const Step& step, const Scenario& scenario);
std::string_view step_kind_name(StepKind kind);

}  // namespace peerbed::scenarios
