// What a person or a workload may type to a chord node.

#include <charconv>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {

// Takes the first word off a line.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return word;
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

void Node::handle_command(Environment& environment, std::string_view line) {
  std::string_view rest = line;
  const std::string_view verb = take_word(rest);
  if (verb == "lookup") {
    const auto number = to_number(rest);
    if (!number || !space().contains(Key{*number})) return environment.print("Usage: lookup KEY, a number on the ring");
    return start_lookup(environment, Key{*number}, LookupReason::command, 0);
  }
  if (verb == "put" || verb == "get") {
    const std::string_view name = take_word(rest);
    const bool is_put = verb == "put";
    if (name.empty() || rest.empty() == is_put)
      return environment.print(is_put ? "Usage: put NAME VALUE" : "Usage: get NAME");
    if (rest.size() > maximum_value_size) return environment.print("A value has at most 1024 bytes");
    Operation operation;
    operation.is_put = is_put;
    operation.key = key_of_name(name, space());
    operation.name = name;
    const Bytes bytes = std::as_bytes(std::span(rest.data(), rest.size()));
    operation.bytes.assign(bytes.begin(), bytes.end());
    return start_operation(environment, std::move(operation));
  }
  if (verb == "quit" || verb == "Quit") return on_leave(environment);
  environment.print("Unknown command: lookup KEY, put NAME VALUE, get NAME and quit are known");
}

}  // namespace peerbed::ring
