#pragma once
// Text tables for a terminal or a file: columns as wide as their widest cell, numbers flush right. Widths count
// characters, not bytes of UTF-8.

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace peerbed::analysis {

enum class Align : std::uint8_t { left, right };

// How output may be styled: colour only for a terminal that supports it.
struct Style {
  bool color = false;

  std::string bold(const std::string& text) const { return dressed("1", text); }
  std::string dim(const std::string& text) const { return dressed("2", text); }
  std::string red(const std::string& text) const { return dressed("31", text); }
  std::string green(const std::string& text) const { return dressed("32", text); }

 private:
  std::string dressed(const char* code, const std::string& text) const {
    return color ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
  }
};

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Adds a row of at most as many cells as there are columns.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const noexcept { return rows_.empty(); }

  // Prints the titles (unless all are empty) and the rows, each line indented by `indent` spaces.
  void print(std::ostream& out, const Style& style, std::size_t indent = 2) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace peerbed::analysis
