#include "analysis/results/one_line.h"

#include <algorithm>
#include <cstdint>

namespace peerbed::analysis {
namespace {

constexpr std::string_view hexadecimal = "0123456789abcdef";

std::string escaped(char letter, std::uint32_t value, int digits) {
  std::string text{'\\', letter};
  for (int i = digits - 1; i >= 0; --i) text += hexadecimal[(value >> (4 * i)) & 15];
  return text;
}

std::size_t length_by(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

struct Letter {
  std::uint32_t value = 0;
  std::size_t length = 0;  // bytes; 0: not UTF-8
};

Letter letter_at(std::string_view text, std::size_t at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = length_by(lead);
  if (length < 2 || at + length > text.size()) return {lead, length < 2 ? length : 0};
  std::uint32_t value = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xC0) != 0x80) return {};
    value = value << 6 | (next & 0x3F);
  }
  return {value, length};
}

bool is_invisible(std::uint32_t letter) noexcept {
  return (letter >= 0x200B && letter <= 0x200F) || (letter >= 0x2028 && letter <= 0x202E) ||
         (letter >= 0x2060 && letter <= 0x206F) || letter == 0xFEFF || (letter >= 0xD800 && letter <= 0xDFFF);
}

bool begins_letter(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// Keeps both ends of a text, cut between characters.
std::string without_middle(std::string_view text, std::size_t most) {
  std::size_t head = most * 2 / 3;
  std::size_t tail = text.size() - (most - head);
  while (head > 0 && !begins_letter(text[head])) --head;
  while (tail < text.size() && !begins_letter(text[tail])) ++tail;
  return std::string(text.substr(0, head)) + " ... " + std::string(text.substr(tail));
}

}  // namespace

std::string one_line(std::string_view text, std::size_t most) {
  if (text.size() > most) return one_line(without_middle(text, most));
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Letter letter = letter_at(text, i);
    if (letter.length == 0)
      out += escaped('x', static_cast<unsigned char>(text[i]), 2);
    else if (letter.value == '\n')
      out += "\\n";
    else if (letter.value == '\t')
      out += "\\t";
    else if (letter.value < 0x20 || (letter.value >= 0x7F && letter.value < 0xA0))
      out += escaped('x', letter.value, 2);
    else if (is_invisible(letter.value))
      out += escaped('u', letter.value, 4);
    else
      out += text.substr(i, letter.length);
    i += std::max<std::size_t>(letter.length, 1);
  }
  return out;
}

}  // namespace peerbed::analysis
