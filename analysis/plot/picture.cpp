#include "analysis/plot/picture.h"

#include <array>
#include <cmath>

namespace peerbed::analysis {
namespace {

// Advance widths of the printable ASCII characters in DejaVu Sans, in thousandths of the font's size. It is about the
// widest of the usual fonts.
constexpr std::array<std::uint16_t, 95> advance_widths{
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838};
constexpr double other_width = 1;  // of a non-ASCII character, relative to the size
constexpr double bold_factor = 1.13;

// How many bytes the character at `begin` has; 0 if it is not well-formed.
std::size_t character_length(const std::string& text, std::size_t begin) {
  const auto byte = [&text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(begin);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || begin + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(begin + i) & 0xc0) != 0x80) return 0;
  const unsigned char second = byte(begin + 1);
  const bool is_overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool is_no_character = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  // U+FFFE and U+FFFF are not allowed in XML.
  const bool is_noncharacter = first == 0xef && second == 0xbf && byte(begin + 2) >= 0xbe;
  return is_overlong || is_no_character || is_noncharacter ? 0 : length;
}

}  // namespace

std::string printable(const std::string& text) {
  std::string clean;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text, i);
    const auto first = static_cast<unsigned char>(text[i]);
    const bool is_control = length == 1 && (first < 0x20 || first == 0x7f);
    if (length == 0 || is_control)
      clean += '?';
    else
      clean.append(text, i, length);
    i += length == 0 ? 1 : length;
  }
  return clean;
}

double width_of(const std::string& text, double size, bool bold) {
  double width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 32 && byte < 127)
      width += advance_widths[byte - 32U] / 1000.0;
    else if ((byte & 0xc0) != 0x80)  // the first byte of a character
      width += other_width;
  }
  return width * size * (bold ? bold_factor : 1);
}

Box box_of(const Text& text) {
  constexpr double ascent = 0.76;  // relative to the size
  constexpr double descent = 0.24;
  const double width = width_of(text.text, text.size, text.bold);
  const double left = text.at.x - (text.anchor == Anchor::start    ? 0
                                   : text.anchor == Anchor::middle ? width / 2
                                                                   : width);
  return {left, text.at.y - ascent * text.size, left + width, text.at.y + descent * text.size};
}

std::vector<Position> corners_of(const Mark& mark) {
  const double half = mark.size / 2;
  const auto [x, y] = mark.at;
  // Triangles and diamonds must be larger to look as large as a square.
  const double far = half * 1.3;
  const double near = half * 0.9;
  switch (mark.shape) {
    case Shape::circle:
      break;
    case Shape::square:
      return {{x - near, y - near}, {x + near, y - near}, {x + near, y + near}, {x - near, y + near}};
    case Shape::triangle:
      return {{x, y - far}, {x + far, y + near}, {x - far, y + near}};
    case Shape::downward:
      return {{x, y + far}, {x + far, y - near}, {x - far, y - near}};
    case Shape::diamond:
      return {{x, y - far}, {x + far, y}, {x, y + far}, {x - far, y}};
    case Shape::plus:
      return {{x - far, y}, {x + far, y}, {x, y - far}, {x, y + far}};
    case Shape::cross:
      return {{x - half, y - half}, {x + half, y + half}, {x - half, y + half}, {x + half, y - half}};
  }
  return {};
}

}  // namespace peerbed::analysis
