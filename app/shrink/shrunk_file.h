#pragma once
// A shrunk scenario as a file that stands for itself: its head says what happens in it, what it violates, and how it
// was found.

#include <string>

#include "scenarios/shrink/shrink.h"

namespace peerbed::app {

// `command` is the one that shrank it.
std::string shrunk_file(const scenarios::ShrinkResult& result, const std::string& command);

// Text as a comment of lines broken between words.
std::string comment(const std::string& text);

// What happens, as an SVG picture. Runs the scenario once more.
std::string shrunk_picture(const scenarios::ShrinkResult& result);

}  // namespace peerbed::app
