#pragma once
// Makes text from files safe for a terminal or a log: whatever would move the cursor, set colours or change the
// direction of writing is shown as a C escape sequence.

#include <cstddef>
#include <string>
#include <string_view>

namespace peerbed::analysis {

// One line: control characters, bytes that are not UTF-8 and invisible direction marks are escaped: "\n", "\x1b",
// "\u202e". If a text is longer than `most` bytes, its middle is left out.
std::string one_line(std::string_view text, std::size_t most = std::string_view::npos);

}  // namespace peerbed::analysis
