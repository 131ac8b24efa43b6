#include "analysis/results/json_text.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "analysis/statistics/metric_words.h"

namespace peerbed::analysis {

// The previous character tells whether a comma is needed.
void JsonText::separate() {
  if (text_.empty()) return;
  const char before = text_.back();
  if (before != '{' && before != '[' && before != ':') text_ += ',';
}

JsonText& JsonText::open(char bracket) {
  separate();
  text_ += bracket;
  return *this;
}

JsonText& JsonText::close(char bracket) {
  text_ += bracket;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  separate();
  quote(name);
  text_ += ':';
  return *this;
}

JsonText& JsonText::plain(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

JsonText& JsonText::number(double value) {
  if (!std::isfinite(value)) return null();
  // Writes whole numbers without an exponent, as long as all of their digits are significant.
  if (value == std::floor(value) && std::fabs(value) < 9e15) return number(static_cast<std::int64_t>(value));
  return plain(exact_text(value));
}

JsonText& JsonText::seconds(Duration duration) {
  return number(static_cast<double>((duration.count() + 500) / 1000) / 1e6);
}

JsonText& JsonText::text(std::string_view text) {
  separate();
  quote(text);
  return *this;
}

JsonText& JsonText::thinned(std::string_view list, std::uint64_t kept, std::uint64_t of, std::string_view how) {
  key(std::string(list) + "_thinned").open_object();
  key("kept").number(kept).key("of").number(of).key("how").text(how);
  return close_object();
}

void JsonText::quote(std::string_view text) {
  text_ += '"';
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      text_ += '\\';
      text_ += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(letter));
      text_ += escaped.data();
    } else {
      text_ += letter;
    }
  }
  text_ += '"';
}

}  // namespace peerbed::analysis
