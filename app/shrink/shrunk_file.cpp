#include "app/shrink/shrunk_file.h"

#include <algorithm>

#include "scenarios/shrink/space_time.h"

namespace peerbed::app {

std::string comment(const std::string& text) {
  constexpr std::size_t width = 118;
  std::string lines;
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines += "# " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return lines + "# " + line + "\n";
}

std::string shrunk_file(const scenarios::ShrinkResult& result, const std::string& command) {
  return comment(scenarios::sentence_of(result)) + "#\n" + comment("Violated: " + result.failure.property) +
         comment("Seed: " + std::to_string(result.scenario->seed)) + comment("Found by: " + command) +
         scenarios::write_document(result.document);
}

std::string shrunk_picture(const scenarios::ShrinkResult& result) {
  return analysis::svg_of(analysis::picture_of(scenarios::space_time_of(result)));
}

}  // namespace peerbed::app
