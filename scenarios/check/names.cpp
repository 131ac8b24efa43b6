#include "scenarios/check/names.h"

#include <algorithm>
#include <charconv>

#include "scenarios/text/field.h"

namespace peerbed::scenarios {

std::vector<std::string> chosen_names(std::span<const std::string> names, const std::vector<std::string>& known,
                                      std::string_view what) {
  std::vector<std::string> chosen;
  for (const std::string& name : names) {
    std::vector<std::string> meant;
    for (const std::string& one : known) {
      if (one == name) {
        meant = {one};
        break;
      }
      if (!name.empty() && one.find(name) != std::string::npos) meant.push_back(one);
    }
    if (meant.size() != 1)
      throw CheckError("'" + name + (meant.empty() ? "' is no " + std::string(what) : "' may mean several things") +
                       "; use one of " + joined_words(known));
    chosen.push_back(meant.front());
  }
  return chosen;
}

std::string with_names(std::string_view text, std::span<const std::string> names) {
  constexpr std::string_view word = "node ";
  constexpr std::string_view key = " (key ";
  std::string named;
  while (true) {
    const std::size_t place = text.find(word);
    if (place == std::string_view::npos) return named.append(text);
    named.append(text.substr(0, place));
    text.remove_prefix(place + word.size());
    std::size_t node = names.size();
    const char* const begin = text.data();
    const auto end = std::from_chars(begin, begin + text.size(), node).ptr;
    if (end == begin || node >= names.size()) {
      named.append(word);
      continue;
    }
    named.append(names[node]);
    text.remove_prefix(static_cast<std::size_t>(end - begin));
    const std::size_t close = text.find(')');
    if (!text.starts_with(key) || close == std::string_view::npos) continue;
    if (names[node].ends_with(" " + std::string(text.substr(key.size(), close - key.size()))))
      text.remove_prefix(close + 1);
  }
}

}  // namespace peerbed::scenarios
