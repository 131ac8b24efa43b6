#pragma once
// The lines of a text whose readers go by words.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace peerbed::sim {

class TextLines {
 public:
  // Both outlive it.
  TextLines(const std::string& path, std::string_view text) : path_(path), rest_(text) {}

  // Goes to the next line that is more than blanks and a comment, which begins with '#'; false after the last.
  bool next();
  std::string_view line() const noexcept { return line_; }
  // Separated by blanks.
  std::vector<std::string_view> words() const { return parts(" \t\r"); }
  // Separated by any of these characters.
  std::vector<std::string_view> parts(std::string_view separators) const;

  // Throws std::runtime_error: "path:line: problem".
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  const std::string& path_;
  std::string_view rest_;
  std::string_view line_;
  std::size_t number_ = 0;
};

}  // namespace peerbed::sim
