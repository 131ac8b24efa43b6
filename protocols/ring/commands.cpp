#include "protocols/ring/commands.h"

#include "protocols/ring/node.h"
#include "protocols/ring/words.h"

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

void Node::handle_command(Environment& environment, std::string_view line) {
  if (const std::string fault = fault_of_command(line, space()); !fault.empty())
    return environment.refuse("usage", fault);
  Words words(line);
  const std::string verb = words.next()->text;
  if (verb == "lookup") return start_lookup(environment, Key{*to_number(words.rest())}, LookupReason::command, 0);
  if (verb == "quit" || verb == "Quit") return on_leave(environment);
  if (verb == "put") {
    const PutWords put_words = read_put(words.rest());
    const std::string& value = put_words.value.text;
    put(environment, put_words.name, std::as_bytes(std::span(value.data(), value.size())), put_words.lifetime);
    return;
  }
  const std::string name = words.next()->text;
  if (verb == "remove") return static_cast<void>(remove(environment, name));
  start_operation(environment, operation_on(name, Operation::Kind::get));
}

}  // namespace peerbed::ring
