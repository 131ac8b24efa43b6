#pragma once
// File names in the hidden directory.

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/environment/content.h"

namespace peerbed::adapter::content_names {

inline constexpr std::string_view new_suffix = ".new";  // incomplete; discarded at the next start
inline constexpr std::string_view intention_suffix = ".out";

// Sixteen hexadecimal digits.
inline std::string of(ContentKey key) {
  std::array<char, 16> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), key.value, 16).ptr;
  const auto size = static_cast<std::size_t>(end - text.data());
  return std::string(text.size() - size, '0') + std::string(text.data(), size);
}

inline std::optional<ContentKey> key_of(std::string_view name) noexcept {
  ContentKey key;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), key.value, 16);
  if (name.size() != 16 || error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return key;
}

inline std::string fresh(ContentKey key) { return of(key).append(new_suffix); }
// A tree that is being built from its content.
inline std::string built(ContentKey key) { return of(key).append(".tree").append(new_suffix); }
// The listing of content that is a directory.
inline std::string listing(ContentKey key) { return of(key).append(".list"); }
// A link to the name that content is about to get.
inline std::string intention(ContentKey key) { return of(key).append(intention_suffix); }

inline bool is_new(std::string_view name) noexcept { return name.ends_with(new_suffix); }
inline std::optional<ContentKey> key_of_intention(std::string_view name) noexcept {
  if (!name.ends_with(intention_suffix)) return std::nullopt;
  name.remove_suffix(intention_suffix.size());
  return key_of(name);
}

}  // namespace peerbed::adapter::content_names
