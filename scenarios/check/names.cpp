#include "scenarios/check/names.h"

#include <algorithm>

#include "scenarios/text/field.h"

namespace peerbed::scenarios {

std::vector<std::string> chosen_names(std::span<const std::string> names, const std::vector<std::string>& known,
                                      std::string_view what) {
  std::vector<std::string> chosen;
  for (const std::string& name : names) {
    std::vector<std::string> meant;
    for (const std::string& one : known) {
      if (one == name) {
        meant = {one};
        break;
      }
      if (!name.empty() && one.find(name) != std::string::npos) meant.push_back(one);
    }
    if (meant.size() != 1)
      throw CheckError("'" + name + (meant.empty() ? "' is no " + std::string(what) : "' may mean several things") +
                       "; use one of " + joined_words(known));
    chosen.push_back(meant.front());
  }
  return chosen;
}

}  // namespace peerbed::scenarios
