#include "scenarios/plan/command_template.h"

#include <optional>

#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

struct Part {
  std::string_view name;
  std::optional<std::uint64_t> argument;
};

Part part_of(std::string_view inside) {
  const std::size_t colon = inside.find(':');
  if (colon == std::string_view::npos) return {inside, std::nullopt};
  return {inside.substr(0, colon), parse_count(inside.substr(colon + 1))};
}

bool is_known(const Part& part, bool has_argument) {
  if (part.name == "key" || part.name == "number") return !has_argument;
  if (part.name == "below") return part.argument && *part.argument > 0;
  return part.name == "text" && part.argument && *part.argument > 0 && *part.argument <= longest_text;
}

std::string text_for(const Part& part, std::uint64_t number, KeyedStream& draws) {
  if (part.name == "number") return std::to_string(number);
  if (part.name == "key") return std::to_string(draws.next());
  if (part.name == "below") return std::to_string(draws.below(*part.argument));
  std::string text(*part.argument, ' ');
  for (char& c : text) c = static_cast<char>('a' + draws.below(26));
  return text;
}

template <class Fill>
std::string filled(std::string_view line, const Fill& fill) {
  std::string out;
  while (true) {
    const std::size_t open = line.find('{');
    out += line.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = line.find('}', open);
    out += fill(part_of(line.substr(open + 1, close - open - 1)));
    line.remove_prefix(close + 1);
  }
}

}  // namespace

std::string fault_of_template(std::string_view line) {
  while (true) {
    const std::size_t open = line.find('{');
    if (open == std::string_view::npos) return {};
    const std::size_t close = line.find('}', open);
    if (close == std::string_view::npos) return "a '{' is not closed; write {key}, {number}, {below:100} or {text:64}";
    const std::string_view inside = line.substr(open + 1, close - open - 1);
    if (!is_known(part_of(inside), inside.find(':') != std::string_view::npos))
      return "cannot fill in {" + std::string(inside) + "}; use {key}, {number}, {below:100} or {text:64}";
    line.remove_prefix(close + 1);
  }
}

std::string filled_in(std::string_view line, std::uint64_t number, KeyedStream& draws) {
  return filled(line, [&](const Part& part) { return text_for(part, number, draws); });
}

std::string filled_in_least(std::string_view line) {
  return filled(line, [](const Part& part) { return part.name == "text" ? std::string(*part.argument, 'a') : "0"; });
}

std::string filled_in_most(std::string_view line, std::uint64_t last) {
  return filled(line, [last](const Part& part) {
    if (part.name == "number") return std::to_string(last);
    if (part.name == "key") return std::to_string(UINT64_MAX);
    return part.name == "below" ? std::to_string(*part.argument - 1) : std::string(*part.argument, 'z');
  });
}

std::string filled_in_any(std::string_view line) {
  return filled(line, [](const Part&) { return std::string("*"); });
}

}  // namespace peerbed::scenarios
