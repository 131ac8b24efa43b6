#include "app/cli/scenario_box.h"

#include <algorithm>
#include <filesystem>

#include "scenarios/plan/built_in.h"
#include "scenarios/text/error.h"
#include "scenarios/text/field.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view ending = ".yaml";

std::string first_comment(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (text.substr(begin).starts_with("# ")) return std::string(text.substr(begin + 2, end - begin - 2));
    begin = end + 1;
  }
  return {};
}

const scenarios::BuiltInFile* find_boxed(const std::string& name) {
  const scenarios::BuiltInFile* exact = name.ends_with(ending) ? scenarios::find_built_in(name) : nullptr;
  return exact != nullptr ? exact : scenarios::find_built_in(name + std::string(ending));
}

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  std::error_code error;
  std::vector<std::string> known;
  for (const BoxedScenario& scenario : boxed_scenarios()) known.push_back(scenario.name);
  const std::string file = name + std::string(ending);
  const std::string nearest = fs::exists(file, error) ? file : scenarios::nearest_word(name, known);
  throw scenarios::ScenarioError({name},
                                 what + "; " +
                                     (nearest.empty() ? "give the path of a scenario or a name from `peerbed list`"
                                                      : "did you mean '" + nearest + "'?"));
}

}  // namespace

std::vector<BoxedScenario> boxed_scenarios() {
  std::vector<BoxedScenario> boxed;
  for (const scenarios::BuiltInFile& file : scenarios::built_in_files())
    if (file.name.ends_with(ending))
      boxed.push_back(
          {std::string(file.name.substr(0, file.name.size() - ending.size())), first_comment(file.text), file.text});
  return boxed;
}

std::string_view boxed_scenario(const std::string& name) {
  const scenarios::BuiltInFile* boxed = find_boxed(name);
  if (boxed == nullptr) refuse(name, "no such built-in scenario");
  return boxed->text;
}

scenarios::Document read_scenario(const std::string& name) {
  std::error_code error;
  if (fs::exists(name, error) || name.find('/') != std::string::npos) return scenarios::read_document(name);
  const scenarios::BuiltInFile* boxed = find_boxed(name);
  if (boxed == nullptr) refuse(name, "no such file or built-in scenario");
  scenarios::Document document = scenarios::parse_document(boxed->text, std::string(boxed->name));
  document.is_built_in = true;
  return document;
}

}  // namespace peerbed::app
