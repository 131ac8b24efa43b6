#include "scenarios/swarm/file_commands.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "protocols/swarm/base/manifest.h"

namespace peerbed::scenarios {
namespace {

// Whether the name matches the pattern, in which each `*` stands for any text.
bool fits(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;  // index in the pattern
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;  // index in the name to resume from if the last `*` must match more
  for (std::size_t i = 0; i < name.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.size() && pattern[at] == name[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

// "film" for "film #2", which is how peers distinguish files with the same name.
std::string_view without_number(std::string_view name) {
  const std::size_t mark = name.rfind(" #");
  return mark != std::string_view::npos && name.find_first_not_of("0123456789", mark + 2) == std::string_view::npos
             ? name.substr(0, mark)
             : name;
}

struct FileCommand {
  std::string verb;  // in capitals
  std::string name;  // or pattern; empty for a command without a file
};

FileCommand file_command(std::string_view line) {
  constexpr std::array verbs{"ADD", "DOWN", "REMOVE", "CANCEL", "PAUSE", "RESUME"};
  const std::size_t space = std::min(line.find(' '), line.size());
  std::string verb(line.substr(0, space));
  std::transform(verb.begin(), verb.end(), verb.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) return {};
  line.remove_prefix(std::min(line.find_first_not_of(' ', space), line.size()));
  const std::string name = swarm::typed_name(line);
  if (swarm::parse_root(name)) return {};
  return {verb, std::string(without_number(name))};
}

bool any_fits(const std::vector<std::string>& names, const std::string& pattern) {
  if (std::binary_search(names.begin(), names.end(), pattern)) return true;
  return pattern.find('*') != std::string::npos &&
         std::any_of(names.begin(), names.end(), [&](const std::string& name) { return fits(pattern, name); });
}

[[noreturn]] void refuse_unknown(const std::string& name, const std::vector<std::string>& names, const Field& field) {
  const std::string nearest = nearest_word(name, names);
  std::vector<std::string> shown;
  std::transform(names.begin(), names.end(), std::back_inserter(shown), swarm::shown_name);
  field.fail("no group has a file '" + name + "'; " +
             (!nearest.empty() ? "did you mean '" + nearest + "'?"
              : names.empty()  ? "list it under `files` in the options of a group"
                               : "the files are " + joined_words(shown)));
}

}  // namespace

void check_file_commands(std::vector<std::string> names, std::span<const CommandInFile> commands) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<std::string> added;
  for (const CommandInFile& command : commands) {
    const auto [verb, name] = file_command(command.line);
    if (!verb.empty() && !any_fits(names, name)) refuse_unknown(name, names, command.field);
    if (verb != "ADD") continue;
    if (name.find('*') == std::string::npos)
      added.push_back(name);
    else
      std::copy_if(names.begin(), names.end(), std::back_inserter(added),
                   [&pattern = name](const std::string& file) { return fits(pattern, file); });
  }
  std::sort(added.begin(), added.end());
  for (const CommandInFile& command : commands)
    if (const auto [verb, name] = file_command(command.line); verb == "DOWN" && !any_fits(added, name))
      command.field.fail("no node adds the file '" + name + "'; write `on_start: ADD " + swarm::shown_name(name) +
                         "` in a group that has it");
}

}  // namespace peerbed::scenarios
