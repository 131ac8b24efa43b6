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

// In the order of their names.
std::span<const BuiltInFile> built_in_files();
// Null when there is none of that name.
const BuiltInFile* find_built_in(std::string_view name);

// How a scenario that is kept elsewhere names a file of the box: "box:two-campuses.graphml".
inline constexpr std::string_view built_in_prefix = "box:";
// A path by which this process reads such a file as any other. Throws FileError when the system denies it.
std::string built_in_path(const BuiltInFile& file);

}  // namespace peerbed::scenarios
