#include "protocols/environment/nearest_word.h"

#include <algorithm>
#include <numeric>

namespace peerbed {

namespace {

constexpr std::size_t longest_word = 64;

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  std::string nearest;
  std::size_t distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  if (word.size() > longest_word) return nearest;
  for (const std::string& candidate : known) {
    const std::size_t longer = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    if (longer >= distance) continue;  // at least this many edits
    const std::size_t edits = edit_distance(word, candidate);
    if (edits < distance) {
      distance = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace peerbed
