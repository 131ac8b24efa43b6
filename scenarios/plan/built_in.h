#pragma once
// The built-in scenarios and the files that they name. They are part of the program, so they are available wherever it
// is copied.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace peerbed::scenarios {

struct BuiltInFile {
  std::string_view name;  // "ring-steady.yaml"
  std::string_view text;
};

// Sorted by name.
std::span<const BuiltInFile> built_in_files();
// Null if there is no such file.
const BuiltInFile* find_built_in(std::string_view name);

// Prefix by which other scenarios name a built-in file: "box:two-campuses.graphml".
inline constexpr std::string_view built_in_prefix = "box:";
// A path through which this process can read the file like any other. Throws FileError if the system refuses.
std::string built_in_path(const BuiltInFile& file);

}  // namespace peerbed::scenarios
