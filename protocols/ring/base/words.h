#pragma once
// Splits a command line into words, bare or quoted, and shows bytes in a readable form.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/environment/codec.h"
#include "protocols/environment/time.h"

namespace peerbed::ring {

struct Word {
  std::string text;
  bool quoted = false;
};

// Takes words off the front of a line. A word in "..." or '...' may hold blanks, and escapes: \\ \" \' \n \r \t and
// \xHH for any byte.
class Words {
 public:
  explicit Words(std::string_view line) noexcept : rest_(line) { skip_blanks(); }

  // Nothing at the end of the line, or after a mistake.
  std::optional<Word> next();
  // What a person did wrong, as a sentence; empty when nothing.
  const std::string& mistake() const noexcept { return mistake_; }
  // What was not taken yet, without the blanks before it.
  std::string_view rest() const noexcept { return rest_; }
  bool at_quote() const noexcept { return !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\''); }

 private:
  void skip_blanks() noexcept { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }
  std::optional<Word> take_quoted();
  bool take_escape(std::string& text);
  std::nullopt_t fail(std::string sentence);

  std::string_view rest_;
  std::string mistake_;
};

// `put NAME VALUE [--ttl DURATION]` behind its verb. A bare value is the rest of the line, blanks and all.
struct PutWords {
  std::string name;
  Word value;
  Duration lifetime{};  // 0: for ever
  std::string mistake;  // what is wrong with them, as a sentence
};
PutWords read_put(std::string_view rest);

// Digits and nothing else. Nothing for what is no number of 64 bits.
std::optional<std::uint64_t> to_number(std::string_view text);

// Whether it is text that a terminal may be given: printable UTF-8 and, with `lines`, ends of lines and tabs.
bool is_printable(std::string_view text, bool lines = false) noexcept;
// As it stands when it is printable; else in quotes, with escapes.
std::string shown(std::string_view text);

}  // namespace peerbed::ring
