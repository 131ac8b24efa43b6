#pragma once
// A picture as data: lines, areas, marks and texts with their positions, in points (1/72 inch) from the top left
// corner. It is laid out without a font or a drawing library, so that a test can examine it, and is written as SVG, PDF
// or PNG.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace peerbed::analysis {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

struct Position {
  double x = 0;
  double y = 0;
};

struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;

  bool overlaps(const Box& other) const noexcept {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

struct Stroke {
  Colour colour{};
  double width = 1;
  std::vector<double> dashes{};  // alternating lengths of dash and gap; none: a solid line
};

struct Line {
  std::vector<Position> points;
  Stroke stroke{};
};

struct Area {
  std::vector<Position> corners;
  Colour fill{};
  double opacity = 1;
};

enum class Shape : std::uint8_t { circle, square, triangle, diamond, downward, plus, cross };

// One value. `size` is the width of a square mark.
struct Mark {
  Position at{};
  Shape shape = Shape::circle;
  double size = 4;
  Colour colour{};
};

enum class Anchor : std::uint8_t { start, middle, end };

// `at` is on the baseline.
struct Text {
  Position at{};
  std::string text;
  double size = 8;
  Anchor anchor = Anchor::start;
  bool bold = false;
  Colour colour{};
};

using Element = std::variant<Line, Area, Mark, Text>;

struct Picture {
  double width = 0;
  double height = 0;
  Colour paper{255, 255, 255};
  std::string title;              // for readers who cannot see it
  std::string description;        // for readers who cannot see it
  std::vector<Element> elements;  // later ones cover earlier ones
};

// The width of a text in the widest of the usual sans-serif fonts, so that a layout based on it overlaps in none of
// them.
double width_of(const std::string& text, double size, bool bold = false);
// The space that a text takes.
Box box_of(const Text& text);
// The corners of a mark that is an area; of plus and cross, the ends of its two strokes. None for a circle.
std::vector<Position> corners_of(const Mark& mark);
// Valid UTF-8 without control characters; everything else becomes '?'.
std::string printable(const std::string& text);

// Writes an SVG document; texts stay texts.
std::string svg_of(const Picture& picture);
// Write a PDF document of one page, and a PNG image of 300 dots per inch. Throw std::runtime_error if the picture is
// too large to draw or memory runs out.
std::string pdf_of(const Picture& picture);
std::string png_of(const Picture& picture);

}  // namespace peerbed::analysis
