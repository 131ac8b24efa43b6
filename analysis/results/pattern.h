#pragma once
// Matches names against patterns from the command line: '*' stands for any number of characters.

#include <string_view>

namespace peerbed::analysis {

constexpr bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
  std::size_t at = 0;
  std::size_t behind_star = std::string_view::npos;  // index in the pattern
  std::size_t covered = 0;                           // index in the text: how far the last star reaches
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      behind_star = ++at;
      covered = i;
    } else if (at < pattern.size() && pattern[at] == text[i]) {
      ++at;
      ++i;
    } else if (behind_star != std::string_view::npos) {
      at = behind_star;
      i = ++covered;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace peerbed::analysis
