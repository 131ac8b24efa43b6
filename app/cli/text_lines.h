#pragma once
// Text wrapped to lines of limited width.

#include <string>
#include <string_view>
#include <vector>

namespace peerbed::app {

// Wraps a text to lines of at most `width` bytes; a longer word gets its own line. An empty text gives no lines.
std::vector<std::string> lines_of(std::string_view text, std::size_t width);

}  // namespace peerbed::app
