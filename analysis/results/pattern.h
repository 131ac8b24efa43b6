#pragma once
// Names by pattern, as command lines give them: '*' stands for anything, or nothing.

#include <string_view>

namespace peerbed::analysis {

constexpr bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
  std::size_t at = 0;
  std::size_t behind_star = std::string_view::npos;  // in the pattern
  std::size_t covered = 0;                           // up to where the last star reaches, in the text
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
