#include "app/settings.h"

#include <algorithm>
#include <string_view>

namespace peerbed::app {

std::vector<scenarios::Override> settings_of(const Arguments& arguments) {
  std::vector<scenarios::Override> settings;
  for (const std::string& setting : arguments.values("set")) {
    const std::size_t sign = setting.find('=');
    if (sign == std::string::npos || sign == 0)
      throw UsageError("'--set " + setting + "' has no " + (sign == 0 ? "key before its '='" : "'='") +
                       "; write --set key=value");
    settings.push_back({setting.substr(0, sign), setting.substr(sign + 1), "--set " + setting});
  }
  return settings;
}

std::string shell_word(const std::string& word) {
  const auto is_plain = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-+=:,./%@").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

}  // namespace peerbed::app
