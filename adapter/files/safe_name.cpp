#include "adapter/files/safe_name.h"

#include <cstddef>
#include <cstdint>

namespace peerbed::adapter {

namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 0;  // bytes; 0: not UTF-8
};

// The first character, by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Character first_character(std::string_view text) noexcept {
  const auto byte_at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte_at(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  std::uint32_t code = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte_at(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte_at(i) & 0x3FU);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least[size] || code > 0x10FFFF || is_surrogate) return {};
  return {code, size};
}

bool is_control(std::uint32_t code) noexcept {
  const auto within = [code](std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; };
  return within(0, 0x1F) || within(0x7F, 0x9F) || within(0x2028, 0x202E) || within(0x2066, 0x2069) ||
         within(0x200E, 0x200F) || code == 0x061C;
}

}  // namespace

bool is_safe_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > maximum_name || name.front() == '.') return false;
  while (!name.empty()) {
    const Character character = first_character(name);
    if (character.size == 0 || character.code == '/' || is_control(character.code)) return false;
    name.remove_prefix(character.size);
  }
  return true;
}

// A name that is too long loses whole characters from the end of its stem.
std::string numbered_name(std::string_view name, unsigned number) {
  constexpr std::size_t longest_extension = 16;
  const std::size_t dot = name.rfind('.');
  const bool has_extension = dot != std::string_view::npos && dot > 0 && name.size() - dot <= longest_extension;
  std::string_view stem = name.substr(0, has_extension ? dot : name.size());
  const std::string rest = " (" + std::to_string(number) + ")" + std::string(name.substr(stem.size()));
  if (stem.size() + rest.size() > maximum_name) stem = stem.substr(0, maximum_name - rest.size());
  while (!stem.empty() && !is_safe_name(stem)) stem.remove_suffix(1);
  return std::string(stem) + rest;
}

}  // namespace peerbed::adapter
