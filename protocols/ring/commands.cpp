#include "protocols/ring/commands.h"

#include "protocols/ring/base/words.h"

namespace peerbed::ring {

namespace {

// The name alone that follows `get` and `remove`.
std::string fault_of_name(Words& words, const std::string& verb) {
  const auto name = words.next();
  if (!words.mistake().empty()) return words.mistake();
  return name && !name->text.empty() && words.rest().empty() ? "" : "Usage: " + verb + " NAME";
}

}  // namespace

std::string fault_of_command(std::string_view line, KeySpace space) {
  Words words(line);
  const auto verb = words.next();
  const std::string word = verb ? verb->text : "";
  if (word == "lookup") {
    const auto number = to_number(words.rest());
    return number && space.contains(Key{*number}) ? "" : "Usage: lookup KEY, a number on the ring";
  }
  if (word == "put") return std::string(read_put(words.rest()).mistake);
  if (word == "get" || word == "remove") return fault_of_name(words, word);
  if (word == "quit" || word == "Quit") return "";
  return "Unknown command: lookup KEY, put NAME VALUE, get NAME, remove NAME and quit are known";
}

}  // namespace peerbed::ring
