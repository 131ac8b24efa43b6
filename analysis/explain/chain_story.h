#pragma once
// The story of a lookup, a put or a get: the chain of messages and waits that led from its beginning to its end.

#include <string>

#include "analysis/explain/story.h"

namespace peerbed::analysis {

Story chain_story(const std::string& trace, const TimedOperation& operation, const Surroundings& around);

}  // namespace peerbed::analysis
