#pragma once
// Which names may become files in a shared directory, whoever sent them.

#include <cstddef>
#include <string_view>

namespace peerbed::adapter {

constexpr std::size_t maximum_name = 200;  // bytes, so that there is room for a suffix

// One component of a path in valid UTF-8, without control characters (C0, C1, line and paragraph separators, and those
// that turn the direction of text), and not hidden: a name that begins with a dot is reserved, "." and ".." among them.
bool is_safe_name(std::string_view name) noexcept;

}  // namespace peerbed::adapter
