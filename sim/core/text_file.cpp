#include "sim/core/text_file.h"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace peerbed::sim {

namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

template <class Number>
std::optional<Number> parse(std::string_view word) noexcept {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

TextFile::TextFile(const std::string& path, std::ios::openmode mode) : path_(path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw std::runtime_error(path + ": no such file; check the path and the working directory");
  const auto bytes = std::filesystem::file_size(path, error);
  if (error || bytes > maximum_bytes)
    throw std::runtime_error(path + ": the file is larger than 1 GiB; give a smaller one");
  size_ = static_cast<std::size_t>(bytes);
  stream_.open(path, mode);
  if (!stream_) throw std::runtime_error(path + ": the file cannot be read; check its permissions");
}

bool TextFile::next() {
  constexpr auto end_of_file = std::ifstream::traits_type::eof();
  std::streambuf& bytes = *stream_.rdbuf();
  line_.clear();
  int byte = bytes.sbumpc();
  if (byte == end_of_file) return false;
  ++line_number_;
  for (; byte != '\n' && byte != end_of_file; byte = bytes.sbumpc()) {
    if (line_.size() == maximum_line) fail("the line is longer than 4 MiB; break it up");
    line_.push_back(static_cast<char>(byte));
  }
  return true;
}

std::vector<std::string_view> TextFile::words() const {
  std::vector<std::string_view> words;
  const std::string_view line = line_;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && !is_blank(line[i]) && line[i] != ',') continue;
    if (i > begin) words.push_back(line.substr(begin, i - begin));
    begin = i + 1;
  }
  return words;
}

std::vector<std::string_view> TextFile::cells() const {
  std::vector<std::string_view> cells;
  std::string_view rest = line_;
  for (;;) {
    const std::string_view cell = trimmed(rest);
    const std::size_t close = cell.starts_with('"') ? cell.find('"', 1) : std::string_view::npos;
    if (close != std::string_view::npos) {
      const std::string_view behind = trimmed(cell.substr(close + 1));
      if (behind.empty() || behind.front() == ',') {
        cells.push_back(cell.substr(1, close - 1));
        if (behind.empty()) return cells;
        rest = behind.substr(1);
        continue;
      }
    }
    const std::size_t comma = rest.find(',');
    cells.push_back(trimmed(rest.substr(0, comma)));
    if (comma == std::string_view::npos) return cells;
    rest.remove_prefix(comma + 1);
  }
}

bool TextFile::has_content() const noexcept {
  const std::string_view content = trimmed(line_);
  return !content.empty() && content.front() != '#';
}

void TextFile::fail(const std::string& problem) const {
  std::string position = path_;
  if (line_number_ > 0) position.append(":").append(std::to_string(line_number_));
  throw std::runtime_error(position + ": " + problem);
}

std::optional<double> to_number(std::string_view word) noexcept {
  const auto value = parse<double>(word);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<unsigned long> to_count(std::string_view word) noexcept { return parse<unsigned long>(word); }

}  // namespace peerbed::sim
