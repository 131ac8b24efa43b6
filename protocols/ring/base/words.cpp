#include "protocols/ring/base/words.h"

#include <algorithm>
#include <charconv>

namespace peerbed::ring {

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

namespace {

// A number and a unit: 500ms, 90s, 1h. Nothing for what is none, or too long for a clock.
std::optional<Duration> to_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    Duration duration;
  };
  using namespace std::chrono_literals;
  constexpr Unit units[] = {{"ms", 1ms}, {"s", 1s}, {"min", 1min}, {"h", 1h}, {"d", 24h}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = to_number(text.substr(0, digits));
  const auto unit = std::find_if(std::begin(units), std::end(units),
                                 [&](const Unit& each) { return each.name == text.substr(digits); });
  if (!number || unit == std::end(units)) return std::nullopt;
  constexpr Duration longest = 24h * 36500;
  if (*number == 0 || *number > static_cast<std::uint64_t>(longest / unit->duration)) return std::nullopt;
  return unit->duration * static_cast<std::int64_t>(*number);
}

// Takes "--ttl DURATION" off the end of a value, if it stands there. Nothing when the duration is none.
std::optional<Duration> take_lifetime(std::string_view& value) {
  constexpr std::string_view flag = "--ttl ";
  const std::size_t index = value.rfind(flag);
  const bool is_there = index != std::string_view::npos && (index == 0 || value[index - 1] == ' ');
  if (!is_there) return Duration{0};
  const auto lifetime = to_duration(value.substr(index + flag.size()));
  value = value.substr(0, index == 0 ? 0 : index - 1);
  return lifetime;
}

constexpr std::string_view put_usage = "Usage: put NAME VALUE, or put NAME VALUE --ttl DURATION, such as 90s or 1h";

// The bytes of the UTF-8 character that begins here; 0 for what is none, or is not printable.
std::size_t printable_size(std::string_view text, bool lines) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (lines && (first == '\n' || first == '\r' || first == '\t')) return 1;
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  char32_t code = first & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  constexpr char32_t least[] = {0, 0, 0xA0, 0x800, 0x10000};  // U+0080 to U+009F are control characters
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  // Marks that turn the direction of what follows them around.
  const bool is_turn = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return code < least[size] || code > 0x10FFFF || is_surrogate || is_turn ? 0 : size;
}

}  // namespace

std::nullopt_t Words::fail(std::string sentence) {
  mistake_ = std::move(sentence);
  return std::nullopt;
}

std::optional<Word> Words::next() {
  if (rest_.empty() || !mistake_.empty()) return std::nullopt;
  if (at_quote()) return take_quoted();
  Word word{std::string(rest_.substr(0, rest_.find(' '))), false};
  rest_.remove_prefix(word.text.size());
  skip_blanks();
  return word;
}

std::optional<Word> Words::take_quoted() {
  const char quote = rest_.front();
  const std::string_view begin = rest_;
  Word word{"", true};
  rest_.remove_prefix(1);
  while (!rest_.empty() && rest_.front() != quote) {
    if (rest_.front() == '\\') {
      if (!take_escape(word.text)) return std::nullopt;
      continue;
    }
    word.text += rest_.front();
    rest_.remove_prefix(1);
  }
  if (rest_.empty()) return fail("The quote in " + shown(begin.substr(0, 24)) + " is not closed");
  rest_.remove_prefix(1);
  if (!rest_.empty() && rest_.front() != ' ')
    return fail("A blank belongs behind the closing quote, before " + shown(rest_.substr(0, 24)));
  skip_blanks();
  return word;
}

bool Words::take_escape(std::string& text) {
  constexpr std::string_view letters = "\\\"'nrt";
  constexpr std::string_view meanings = "\\\"'\n\r\t";
  if (rest_.size() >= 4 && rest_[1] == 'x') {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(rest_.data() + 2, rest_.data() + 4, byte, 16);
    if (error == std::errc{} && end == rest_.data() + 4) {
      text += static_cast<char>(byte);
      rest_.remove_prefix(4);
      return true;
    }
  }
  const std::size_t index = rest_.size() < 2 ? std::string_view::npos : letters.find(rest_[1]);
  if (index == std::string_view::npos) {
    fail(shown(rest_.substr(0, 2)) + R"( is not an escape; use \\ \" \' \n \r \t, or \xHH for any byte)");
    return false;
  }
  text += meanings[index];
  rest_.remove_prefix(2);
  return true;
}

PutWords read_put(std::string_view rest) {
  PutWords words;
  Words reader(rest);
  const auto name = reader.next();
  words.mistake = reader.mistake();
  if (!words.mistake.empty()) return words;
  words.mistake = put_usage;
  if (!name || name->text.empty() || reader.rest().empty()) return words;
  words.name = name->text;
  std::string_view value = reader.rest();
  if (reader.at_quote()) {
    const auto quoted = reader.next();
    words.mistake = reader.mistake();
    if (!quoted) return words;
    words.value = *quoted;
    value = reader.rest();
  }
  const auto lifetime = take_lifetime(value);
  const bool is_whole = words.value.quoted ? value.empty() : !value.empty();
  words.mistake = lifetime && is_whole ? std::string_view{} : put_usage;
  if (!words.value.quoted) words.value.text = value;
  words.lifetime = lifetime.value_or(Duration{0});
  return words;
}

bool is_printable(std::string_view text, bool lines) noexcept {
  while (!text.empty()) {
    const std::size_t size = printable_size(text, lines);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string shown(std::string_view text) {
  if (is_printable(text)) return std::string(text);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown = "\"";
  while (!text.empty()) {
    const char first = text.front();
    const std::size_t size = printable_size(text, false);
    const std::size_t index = std::string_view("\\\"\n\r\t").find(first);
    if (index != std::string_view::npos) {
      shown += {'\\', "\\\"nrt"[index]};
    } else if (size > 0) {
      shown += text.substr(0, size);
    } else {
      const auto byte = static_cast<unsigned char>(first);
      shown += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return shown + '"';
}

}  // namespace peerbed::ring
