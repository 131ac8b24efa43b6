#pragma once
// Which names from peers may become files in a shared directory.

#include <cstddef>
#include <string>
#include <string_view>

namespace peerbed::adapter {

constexpr std::size_t maximum_name = 255;  // bytes: what Linux's file systems take

// One component of a path in valid UTF-8, without control characters (C0, C1, line and paragraph separators, and those
// that change text direction), and not hidden: names that begin with a dot are reserved, including "." and "..".
bool is_safe_name(std::string_view name) noexcept;
inline constexpr const char* safe_name_rule =
    "a name is one component of a path, in UTF-8, of 1 to 255 bytes, without control characters, and does not begin "
    "with a dot";
// "film (2).mkv" from "film.mkv": the name for a file whose own is taken, at most maximum_name bytes long.
std::string numbered_name(std::string_view name, unsigned number);

}  // namespace peerbed::adapter
