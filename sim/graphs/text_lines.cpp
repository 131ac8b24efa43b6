#include "sim/graphs/text_lines.h"

#include <algorithm>
#include <stdexcept>

namespace peerbed::sim {

bool TextLines::next() {
  while (!rest_.empty()) {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    const std::size_t first = line_.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line_[first] != '#') return true;
  }
  return false;
}

std::vector<std::string_view> TextLines::parts(std::string_view separators) const {
  std::vector<std::string_view> found;
  for (std::size_t begin = 0; (begin = line_.find_first_not_of(separators, begin)) != std::string_view::npos;) {
    const std::size_t end = std::min(line_.find_first_of(separators, begin), line_.size());
    found.push_back(line_.substr(begin, end - begin));
    begin = end;
  }
  return found;
}

void TextLines::fail(const std::string& problem) const {
  throw std::runtime_error(path_ + ":" + std::to_string(number_) + ": " + problem);
}

}  // namespace peerbed::sim
