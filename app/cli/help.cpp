#include "app/cli/help.h"

#include <algorithm>
#include <ostream>
#include <sstream>

#include "app/cli/version.h"

namespace peerbed::app {
namespace {

constexpr std::size_t page_width = 80;
constexpr std::size_t widest_left = 26;  // anything wider gets its own line

// Wraps a text to lines of at most `width` bytes; a longer word gets its own line. An empty text gives no lines.
std::vector<std::string> lines_of(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    if (lines.empty() || lines.back().size() + 1 + word.size() > width)
      lines.push_back(word);
    else
      lines.back() += " " + word;
  }
  return lines;
}

struct Row {
  std::string left;
  std::string right;
};

void print_rows(std::ostream& out, const std::vector<Row>& rows) {
  std::size_t left = 0;
  for (const Row& row : rows)
    if (row.left.size() <= widest_left) left = std::max(left, row.left.size());
  const std::string margin(left + 4, ' ');
  for (const Row& row : rows) {
    std::string line = "  " + row.left;
    if (row.left.size() > widest_left) {
      out << line << '\n';
      line.clear();
    }
    line.resize(margin.size(), ' ');
    for (const std::string& part : lines_of(row.right, page_width - margin.size())) {
      out << line << part << '\n';
      line = margin;
    }
  }
}

void print_examples(std::ostream& out, const std::vector<Example>& examples, const std::string& program) {
  out << "\nExamples:\n";
  for (const Example& example : examples) out << "  " << said_by(program, example.command) << '\n';
}

void print_paragraph(std::ostream& out, const std::string& text) {
  for (const std::string& line : lines_of(text, page_width)) out << line << '\n';
}

}  // namespace

std::string shown_option(const Option& option) {
  std::string text = "--" + std::string(option.name);
  if (option.letter != 0) text = "-" + std::string(1, option.letter) + ", " + text;
  if (option.value_name == nullptr) return text;
  const std::string value(option.value_name);
  return text + (option.value_is_optional ? "[=" + value + "]" : " " + value);
}

std::string version_line(const std::string& program) {
  return (program == "peerbed" ? "" : program + ", with ") + "peerbed " PEERBED_VERSION;
}

std::string said_by(const std::string& program, std::string text) {
  constexpr std::string_view name = "peerbed ";
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + program.size() + 1))
    text.replace(at, name.size(), program + " ");
  return text;
}

void print_help(std::ostream& out, const std::vector<Command>& commands, const std::string& program) {
  out << version_line(program) << ": a laboratory for peer-to-peer protocols\n";
  std::vector<Row> rows;
  for (const Command& command : commands) rows.push_back({command.name, command.summary});
  print_rows(out, rows);
  const std::string example = program + (program == "peerbed" ? " run ring-third-crash" : " run mine.yaml");
  out << '\n';
  print_paragraph(out, "Try `" + example + "` or `" + program + " help COMMAND`; see `man peerbed`.");
}

void print_help(std::ostream& out, const Command& command, const std::string& program) {
  for (const std::string& form : command.forms) out << program << ' ' << command.name << ' ' << form << '\n';
  print_paragraph(out, said_by(program, command.description));
  out << '\n';
  std::vector<Row> rows;
  for (const Command& kind : command.kinds) rows.push_back({kind.name, kind.summary});
  for (const Option& option : command.options) rows.push_back({shown_option(option), said_by(program, option.help)});
  rows.push_back({shown_option(help_option), help_option.help});
  print_rows(out, rows);
  print_examples(out, command.examples, program);
}

}  // namespace peerbed::app
