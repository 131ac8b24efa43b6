#include "analysis/results/json_text.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "analysis/statistics/metric_words.h"

namespace peerbed::analysis {

// The previous character tells whether a comma is needed.
void JsonText::separate() {
  if (text_.empty()) return;
  const char before = text_.back();
  if (before != '{' && before != '[' && before != ':' && before != '\n') text_ += ',';
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
  return is_plain_integer(value) ? number(static_cast<std::int64_t>(value)) : plain(exact_text(value));
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
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char letter) {
    return letter >= ' ' && letter < 0x7F && letter != '"' && letter != '\\';
  });
  if (is_plain)
    text_.append("\"").append(text).append("\"");
  else
    text_ += json_line(text);
}

}  // namespace peerbed::analysis
