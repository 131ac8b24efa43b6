#include "app/cli/settings.h"

#include <algorithm>
#include <string_view>
#include <utility>

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

const Option limit_events_option{"limit-events", "N", "stop after N events (default: 100 billion)"};
const Option limit_memory_option{"limit-memory", "SIZE", "stop at this much memory, such as 2GiB (default: half)"};

std::vector<scenarios::Override> limits_of(const Arguments& arguments) {
  std::vector<scenarios::Override> limits;
  for (const auto& [option, key] : {std::pair{"limit-events", "limits.events"}, {"limit-memory", "limits.memory"}})
    if (const auto value = arguments.value(option))
      limits.push_back({key, *value, "--" + std::string(option) + " " + *value});
  return limits;
}

std::vector<scenarios::Override> settings_and_limits_of(const Arguments& arguments) {
  std::vector<scenarios::Override> settings = settings_of(arguments);
  for (scenarios::Override& limit : limits_of(arguments)) settings.push_back(std::move(limit));
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
