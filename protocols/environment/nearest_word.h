#pragma once
// Suggests the known word that a mistyped one may have meant.

#include <string>
#include <string_view>
#include <vector>

namespace peerbed {

// The member of `known` with the fewest edits from `word`, if they are few; otherwise empty.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace peerbed
