#pragma once
// Reads text files line by line, for loaders that must name the line of what they refuse.

#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peerbed::sim {

// Opens a file of at most maximum_bytes; throws std::runtime_error when it cannot be read or is larger.
class TextFile {
 public:
  static constexpr std::size_t maximum_bytes = std::size_t{1} << 30;
  static constexpr std::size_t maximum_line = std::size_t{1} << 22;  // bytes

  explicit TextFile(const std::string& path, std::ios::openmode mode = std::ios::in);

  // Reads the next line, without its end; false after the last. Fails on a line longer than maximum_line.
  bool next();
  // The line as it is, its words between blanks and commas, and its cells between commas alone, without the blanks
  // around them; a cell within double quotes may hold commas. All are valid until the next line is read.
  std::string_view line() const noexcept { return line_; }
  std::vector<std::string_view> words() const;
  std::vector<std::string_view> cells() const;
  // Whether there is anything on the line but blanks or a comment, which begins with '#'.
  bool has_content() const noexcept;

  std::size_t line_number() const noexcept { return line_number_; }
  std::size_t size() const noexcept { return size_; }
  std::ifstream& stream() noexcept { return stream_; }

  // Throws std::runtime_error: "path:line: problem", without the line when none was read.
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  std::string path_;
  std::ifstream stream_;
  std::size_t size_ = 0;
  std::string line_;
  std::size_t line_number_ = 0;
};

// A whole word as a finite number; nothing when it is anything else. Knows no locale.
std::optional<double> to_number(std::string_view word) noexcept;
std::optional<unsigned long> to_count(std::string_view word) noexcept;

}  // namespace peerbed::sim
