#pragma once
// The story of a download: how long it looked for sources, waited for the manifest, was choked, stood still, and took
// bytes from each source.

#include <string>

#include "analysis/explain/story.h"

namespace peerbed::analysis {

Story download_story(const std::string& trace, const TimedOperation& operation, const Surroundings& around);

}  // namespace peerbed::analysis
