#include "protocols/kademlia/commands.h"

#include <algorithm>

#include "protocols/kademlia/base/options.h"

namespace peerbed::kademlia {

CommandWords words_of(std::string_view line) noexcept {
  const auto skip_blanks = [](std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
  };
  line = skip_blanks(line);
  const std::size_t end = std::min(line.find(' '), line.size());
  return {line.substr(0, end), skip_blanks(line.substr(end))};
}

std::string fault_of_command(std::string_view line) {
  const auto [verb, rest] = words_of(line);
  const auto [name, value] = words_of(rest);
  if (verb == "lookup") return name.empty() || !value.empty() ? "Usage: lookup KEY" : "";
  if (verb == "get") return name.empty() || !value.empty() ? "Usage: get NAME" : "";
  if (verb == "put") {
    if (value.empty()) return "Usage: put NAME VALUE";
    if (value.size() <= maximum_value_size) return "";
    return "A value has at most " + std::to_string(maximum_value_size) + " bytes";
  }
  if (verb == "quit" || verb == "Quit") return "";
  return "Unknown command: lookup KEY, put NAME VALUE, get NAME and quit are known";
}

}  // namespace peerbed::kademlia
