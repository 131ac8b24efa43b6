#pragma once
// Writes JSON piece by piece at the end of a text, for traces of millions of lines and documents of several megabytes
// that should not be held as a tree first (for all others there is json_document.h). The caller opens and closes in
// order; commas are added automatically, but none at the beginning of a line.

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/environment/time.h"

namespace peerbed::analysis {

class JsonText {
 public:
  explicit JsonText(std::string& text) noexcept : text_(text) {}

  JsonText& open_object() { return open('{'); }
  JsonText& close_object() { return close('}'); }
  JsonText& open_list() { return open('['); }
  JsonText& close_list() { return close(']'); }
  JsonText& key(std::string_view name);

  // The shortest decimal that parses back to the same number; null if it is not finite.
  JsonText& number(double value);
  template <std::integral Integer>
  JsonText& number(Integer value) {
    std::array<char, 24> text{};
    return plain({text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr});
  }
  // With microsecond precision.
  JsonText& seconds(Duration duration);
  // Bytes that are not UTF-8 are replaced.
  JsonText& text(std::string_view text);
  JsonText& boolean(bool value) { return plain(value ? "true" : "false"); }
  JsonText& null() { return plain("null"); }
  // A value that is already JSON.
  JsonText& plain(std::string_view json);

  // Notes that a list holds only some of its values: adds NAME_thinned beside it, in the open object.
  JsonText& thinned(std::string_view list, std::uint64_t kept, std::uint64_t of, std::string_view how);

 private:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  void separate();
  void quote(std::string_view text);

  std::string& text_;
};

}  // namespace peerbed::analysis
