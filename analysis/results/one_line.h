#pragma once
// Text out of files, made fit for a terminal or a log: what would move the cursor, colour the screen or turn the
// direction of writing is shown as an escape sequence of C.

#include <cstddef>
#include <string>
#include <string_view>

namespace peerbed::analysis {

// One line: control characters, bytes that are no UTF-8 and invisible marks of direction are written out: "\n",
// "\x1b", "\u202e". Of a text with more than `most` bytes the middle is left out.
std::string one_line(std::string_view text, std::size_t most = std::string_view::npos);

}  // namespace peerbed::analysis
