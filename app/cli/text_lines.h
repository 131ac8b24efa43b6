#pragma once
// Text wrapped to lines of limited width.

#include <string>
#include <string_view>
#include <vector>

namespace peerbed::app {

// The words of a text in lines of at most `width` bytes; a longer word has a line for itself. No line for no word.
std::vector<std::string> lines_of(std::string_view text, std::size_t width);

}  // namespace peerbed::app
