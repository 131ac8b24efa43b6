#include <algorithm>

#include "scenarios/text/document.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t flow_width = 100;  // a value that fits is written on one line

// A scalar that YAML would read as something else, or not at all, is quoted.
bool is_plain(const std::string& text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  const auto is_safe = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80 ||
           std::string_view("._/+-%=<> ").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (std::string_view("-%=<>").find(text.front()) != std::string_view::npos &&
      !(text.size() > 1 && text.front() == '-' && text[1] >= '0' && text[1] <= '9'))
    return false;
  const bool is_null = text == "null" || text == "Null" || text == "NULL";
  return std::all_of(text.begin(), text.end(), is_safe) && !is_null;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += {'\\', 'x', "0123456789abcdef"[c >> 4 & 15], "0123456789abcdef"[c & 15]};
    else
      out += c;
  }
  return out + '"';
}

std::string scalar_text(const std::string& text) { return is_plain(text) ? text : quoted(text); }

void append_flow(std::string& out, const Value& value) {
  const char* separator = "";
  const auto next = [&] {
    out += separator;
    separator = ", ";
  };
  switch (value.kind) {
    case Value::Kind::nothing:
      out += '~';
      break;
    case Value::Kind::scalar:
      out += scalar_text(value.scalar);
      break;
    case Value::Kind::sequence:
      out += '[';
      for (const Value& element : value.elements) {
        next();
        append_flow(out, element);
      }
      out += ']';
      break;
    case Value::Kind::map:
      out += '{';
      for (const Entry& entry : value.entries) {
        next();
        out += scalar_text(entry.key.scalar);
        out += ": ";
        append_flow(out, entry.value);
      }
      out += '}';
      break;
  }
}

std::string flow(const Value& value) {
  std::string out;
  append_flow(out, value);
  return out;
}

bool is_leaf(const Value& value) { return value.kind == Value::Kind::nothing || value.kind == Value::Kind::scalar; }

// Maps and lists of scalars are short enough to read on one line; deeper ones are written as blocks.
bool fits_flow(const Value& value) {
  if (is_leaf(value) || (value.elements.empty() && value.entries.empty())) return true;
  const bool flat = std::all_of(value.elements.begin(), value.elements.end(), is_leaf) &&
                    std::all_of(value.entries.begin(), value.entries.end(),
                                [](const Entry& entry) { return fits_flow(entry.value); });
  return flat && flow(value).size() <= flow_width;
}

bool is_empty(const Value& value) { return is_leaf(value) || (value.elements.empty() && value.entries.empty()); }

// Elements of a list take one line each, so that a long schedule reads like a table.
void write_block(std::string& out, const Value& value, std::size_t indent) {
  const std::string margin(indent, ' ');
  for (const Entry& entry : value.entries) {
    out += margin;
    out += scalar_text(entry.key.scalar);
    out += ':';
    if (is_empty(entry.value) || (indent > 0 && fits_flow(entry.value))) {
      out += ' ';
      append_flow(out, entry.value);
      out += '\n';
    } else {
      out += '\n';
      write_block(out, entry.value, indent + 2);
    }
  }
  for (const Value& element : value.elements) {
    out += margin;
    out += "- ";
    append_flow(out, element);
    out += '\n';
  }
}

}  // namespace

std::string write_document(const Value& root) {
  std::string out;
  write_block(out, root, 0);
  return out;
}

}  // namespace peerbed::scenarios
