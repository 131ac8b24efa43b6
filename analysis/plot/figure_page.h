#pragma once
// What all figures are made of: a page with colours, a title, keys and axes. It grows downwards as it is filled.

#include <string>
#include <utility>
#include <vector>

#include "analysis/plot/figure.h"
#include "analysis/plot/scale.h"

namespace peerbed::analysis {

struct Palette {
  Colour paper;
  Colour text;
  Colour quiet;  // of axes and theory curves
  Colour grid;
  std::vector<Colour> series;
};

// How a series looks. No two of maximum_series share both colour and mark, or both colour and dashes.
struct SeriesLook {
  Colour colour{};
  Shape shape = Shape::circle;
  std::vector<double> dashes{};
};

constexpr double text_size = 8;
constexpr double line_height = 11;
constexpr double page_margin = 6;
constexpr double key_width = 18;  // width of a series' sample before its label

class Page {
 public:
  Page(const Look& look, const std::string& title, const std::string& description);

  Picture& picture() noexcept { return picture_; }
  const Palette& palette() const noexcept { return palette_; }
  double width() const noexcept { return picture_.width; }
  SeriesLook look_of(std::size_t series) const;

  void line(std::vector<Position> points, const Stroke& stroke) { add(Line{std::move(points), stroke}); }
  void text(Position at, const std::string& words, Anchor anchor = Anchor::start);
  void quiet_text(Position at, const std::string& words, Anchor anchor = Anchor::start);
  template <class Kind>
  void add(Kind element) {
    picture_.elements.emplace_back(std::in_place_type<Kind>, std::move(element));
  }

  // Draws the sample of a series, starting at `at`, vertically centred on a text.
  void key(Position at, std::size_t series, Drawn drawn);
  void bar_key(Position at, std::size_t series);

  // Draws the figure's title below `top`. Returns the y below it.
  double title_below(double top, const std::string& title);
  // Draws keys side by side, in as many lines as they need, calling `draw_key` before each label.
  template <class DrawKey>
  double legend_below(double top, const std::vector<std::string>& labels, DrawKey draw_key) {
    double left = page_margin;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::string label = shortened(labels[i], width() - 2 * page_margin - key_width);
      const double needed = key_width + width_of(label, text_size);
      if (left > page_margin && left + needed > width() - page_margin) {
        left = page_margin;
        top += line_height;
      }
      draw_key(Position{left, top + line_height / 2}, i);
      text({left + key_width, top + line_height - 3}, label);
      left += needed + 2 * text_size;
    }
    return labels.empty() ? top : top + line_height + 3;
  }

  // Draws an axis along the bottom of the box, with ticks, vertical grid lines, and its title below. Returns the y
  // below it.
  double bottom_axis(const Box& plot, const Scale& scale, const Measure& measure, const std::string& title,
                     std::vector<Tick> all, bool has_grid);
  void left_axis(const Box& plot, const Scale& scale, const std::vector<Tick>& all);

  Picture take(double height);

 private:
  Palette palette_;
  Picture picture_;

 public:
  // As much of a text as fits, with "…" if it is cut.
  static std::string shortened(const std::string& text, double room);
};

// "latency (ms)".
std::string title_with_unit(const std::string& title, const Measure& measure);

}  // namespace peerbed::analysis
