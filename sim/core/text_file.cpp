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

// The place of the quote that closes the one at `open`; within, quotes are doubled.
std::size_t closing_quote(std::string_view text, std::size_t open) noexcept {
  std::size_t at = text.find('"', open + 1);
  while (at != std::string_view::npos && text.substr(at + 1, 1) == "\"") at = text.find('"', at + 2);
  return at;
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
  if ((mode & std::ios::binary) != 0) return;
  char mark[2]{};
  stream_.read(mark, 2);
  const std::string_view begin(mark, 2);
  if (begin == "\xFF\xFE" || begin == "\xFE\xFF")
    throw std::runtime_error(path + ": the file is in UTF-16; save it in UTF-8");
  stream_.clear();
  stream_.seekg(0);
}

bool TextFile::next() {
  constexpr auto end_of_file = std::ifstream::traits_type::eof();
  std::streambuf& bytes = *stream_.rdbuf();
  line_.clear();
  unquoted_.clear();
  int byte = bytes.sbumpc();
  if (byte == end_of_file) return false;
  ++line_number_;
  for (; byte != '\n' && byte != end_of_file; byte = bytes.sbumpc()) {
    if (byte == '\r' && bytes.sgetc() != '\n') break;
    if (line_.size() == maximum_line) fail("the line is longer than 4 MiB; break it up");
    line_.push_back(static_cast<char>(byte));
  }
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // of UTF-8
  if (line_number_ == 1 && line_.starts_with(byte_order_mark)) line_.erase(0, byte_order_mark.size());
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

std::vector<std::string_view> TextFile::cells(char separator) const {
  std::vector<std::string_view> cells;
  std::string_view rest = line_;
  for (;;) {
    const std::size_t blanks = rest.find_first_not_of(" \r");
    const bool is_quoted = blanks != std::string_view::npos && rest[blanks] == '"';
    const std::size_t close = is_quoted ? closing_quote(rest, blanks) : std::string_view::npos;
    if (is_quoted && close == std::string_view::npos) fail("a quote is not closed in this line");
    const std::size_t end = rest.find(separator, is_quoted ? close : 0);
    std::string_view cell = trimmed(rest.substr(0, end));
    if (cell.size() > 1 && cell.front() == '"' && cell.back() == '"')
      cell = without_doubled(cell.substr(1, cell.size() - 2));
    cells.push_back(cell);
    if (end == std::string_view::npos) return cells;
    rest.remove_prefix(end + 1);
  }
}

std::string_view TextFile::without_doubled(std::string_view cell) const {
  if (cell.find("\"\"") == std::string_view::npos) return trimmed(cell);
  std::string& text = unquoted_.emplace_back();
  for (std::size_t i = 0; i < cell.size(); ++i) {
    text.push_back(cell[i]);
    if (cell.substr(i, 2) == "\"\"") ++i;
  }
  return trimmed(text);
}

char TextFile::separator() const noexcept {
  char best = ',';
  std::size_t most = 0;
  for (const char candidate : {';', '\t', ','}) {  // a comma that is as rare as another is a decimal one
    bool in_quotes = false;
    std::size_t count = 0;
    for (const char byte : line_) {
      in_quotes ^= byte == '"';
      count += !in_quotes && byte == candidate ? 1 : 0;
    }
    if (count > most) most = count, best = candidate;
  }
  return best;
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
