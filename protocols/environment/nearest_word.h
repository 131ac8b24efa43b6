#pragma once
// What somebody may have meant who wrote a word that nobody knows.

#include <string>
#include <string_view>
#include <vector>

namespace peerbed {

// The member of `known` that differs from `word` by the fewest edits, when that is few; empty otherwise.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace peerbed
