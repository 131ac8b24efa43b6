#include "protocols/coursework/commands.h"

#include <algorithm>

#include "protocols/coursework/options.h"

namespace peerbed::coursework {

namespace {

std::optional<std::uint16_t> to_file(std::string_view text) {
  if (text.size() != 4) return std::nullopt;
  std::uint16_t file = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    file = static_cast<std::uint16_t>(file * 10 + (digit - '0'));
  }
  return file;
}

}  // namespace

CommandWords read_command(std::string_view line) {
  CommandWords words;
  words.verb = line.substr(0, line.find(' '));
  if (words.verb == "Quit" || words.verb == "quit") return words;
  if (words.verb != "Store" && words.verb != "Request") {
    words.fault = "Unknown command: Store, Request and Quit are known";
    return words;
  }
  const std::string_view rest = line.substr(std::min(words.verb.size() + 1, line.size()));
  words.file = to_file(rest.substr(0, rest.find(' ')));
  words.text = rest.substr(std::min<std::size_t>(5, rest.size()));
  if (!words.file)
    words.fault = "A file name has exactly four digits";
  else if (words.verb == "Store" && words.text.size() > maximum_text_size)
    words.fault = "A file that is stored has at most 1024 bytes";
  return words;
}

std::string digits_of(std::uint16_t file) { return std::to_string(10'000u + file).substr(1); }

}  // namespace peerbed::coursework
