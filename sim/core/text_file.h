#pragma once
// Reads text files line by line, for loaders whose errors name the line.

#include <cstddef>
#include <deque>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peerbed::sim {

// Opens a file of at most maximum_bytes; throws std::runtime_error when it cannot be read, is larger, or is text in
// UTF-16. Lines end with a line feed, a carriage return or both.
class TextFile {
 public:
  static constexpr std::size_t maximum_bytes = std::size_t{1} << 30;
  static constexpr std::size_t maximum_line = std::size_t{1} << 22;  // bytes

  explicit TextFile(const std::string& path, std::ios::openmode mode = std::ios::in);

  // Reads the next line, without its line feed; false after the last. Fails on a line longer than maximum_line.
  bool next();
  // The current line; its words, separated by blanks and commas; and its cells, separated by `separator` only and
  // trimmed. A cell in double quotes may contain separators, and quotes that are doubled. All are valid until the next
  // line is read. Fails if a quote is not closed.
  std::string_view line() const noexcept { return line_; }
  std::vector<std::string_view> words() const;
  std::vector<std::string_view> cells(char separator = ',') const;
  // The separator of this line's cells: of comma, semicolon and tab the one that occurs most outside quotes.
  char separator() const noexcept;
  // Whether the line holds anything but blanks and a comment, which starts with '#'.
  bool has_content() const noexcept;

  std::size_t line_number() const noexcept { return line_number_; }
  std::size_t size() const noexcept { return size_; }
  std::ifstream& stream() noexcept { return stream_; }

  // Throws std::runtime_error: "path:line: problem", or without the line if none has been read.
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  std::string_view without_doubled(std::string_view cell) const;

  std::string path_;
  std::ifstream stream_;
  std::size_t size_ = 0;
  std::string line_;
  std::size_t line_number_ = 0;
  mutable std::deque<std::string> unquoted_;  // cells of the line that had doubled quotes
};

// Parses the whole word as a finite number, or returns nothing. Ignores the locale.
std::optional<double> to_number(std::string_view word) noexcept;
std::optional<unsigned long> to_count(std::string_view word) noexcept;

}  // namespace peerbed::sim
