#include "protocols/ring/commands.h"

#include <algorithm>
#include <charconv>
#include <optional>

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

// A number and a unit: 500ms, 90s, 1h. Nothing for what is none, or too long for a clock.
std::optional<Duration> to_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    Duration duration;
  };
  using namespace std::chrono_literals;
  constexpr Unit units[] = {{"ms", 1ms}, {"s", 1s}, {"min", 1min}, {"h", 1h}, {"d", 24h}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = to_number(text.substr(0, digits));
  const auto unit = std::find_if(std::begin(units), std::end(units),
                                 [&](const Unit& each) { return each.name == text.substr(digits); });
  if (!number || unit == std::end(units)) return std::nullopt;
  constexpr Duration longest = 24h * 36500;
  if (*number == 0 || *number > static_cast<std::uint64_t>(longest / unit->duration)) return std::nullopt;
  return unit->duration * static_cast<std::int64_t>(*number);
}

// Takes "--ttl DURATION" off the end of a value, if it stands there. Nothing when the duration is none.
std::optional<Duration> take_lifetime(std::string_view& value) {
  constexpr std::string_view flag = "--ttl ";
  const std::size_t place = value.rfind(flag);
  const bool is_there = place != std::string_view::npos && (place == 0 || value[place - 1] == ' ');
  if (!is_there) return Duration{0};
  const auto lifetime = to_duration(value.substr(place + flag.size()));
  value = value.substr(0, place == 0 ? 0 : place - 1);
  return lifetime;
}

std::string_view fault_of_put(std::string_view rest) {
  const std::string_view name = take_word(rest);
  const auto lifetime = take_lifetime(rest);
  if (name.empty() || rest.empty() || !lifetime)
    return "Usage: put NAME VALUE, or put NAME VALUE --ttl DURATION, such as 90s or 1h";
  return rest.size() > maximum_value_size ? "A value has at most 1024 bytes" : "";
}

}  // namespace

std::string_view fault_of_command(std::string_view line, KeySpace space) {
  const std::string_view verb = take_word(line);
  if (verb == "lookup") {
    const auto number = to_number(line);
    return number && space.contains(Key{*number}) ? "" : "Usage: lookup KEY, a number on the ring";
  }
  if (verb == "put") return fault_of_put(line);
  if (verb == "get" || verb == "remove") {
    const bool is_good = !take_word(line).empty() && line.empty();
    return is_good ? "" : verb == "get" ? "Usage: get NAME" : "Usage: remove NAME";
  }
  if (verb == "quit" || verb == "Quit") return "";
  return "Unknown command: lookup KEY, put NAME VALUE, get NAME, remove NAME and quit are known";
}

void Node::handle_command(Environment& environment, std::string_view line) {
  if (const std::string_view fault = fault_of_command(line, space()); !fault.empty())
    return environment.refuse("usage", fault);
  const std::string_view verb = take_word(line);
  if (verb == "lookup") return start_lookup(environment, Key{*to_number(line)}, LookupReason::command, 0);
  if (verb == "quit" || verb == "Quit") return on_leave(environment);
  const std::string_view name = take_word(line);
  if (verb == "get") return operate(environment, Operation::Kind::get, name, {}, Duration{0});
  if (verb == "remove") return operate(environment, Operation::Kind::remove, name, {}, Duration{0});
  const Duration lifetime = *take_lifetime(line);
  operate(environment, Operation::Kind::put, name, line, lifetime);
}

void Node::operate(Environment& environment, Operation::Kind kind, std::string_view name, std::string_view value,
                   Duration lifetime) {
  Operation operation;
  operation.kind = kind;
  operation.key = key_of_name(name, space());
  operation.name = name;
  operation.lifetime = lifetime;
  const Bytes bytes = std::as_bytes(std::span(value.data(), value.size()));
  operation.bytes.assign(bytes.begin(), bytes.end());
  start_operation(environment, std::move(operation));
}

}  // namespace peerbed::ring
