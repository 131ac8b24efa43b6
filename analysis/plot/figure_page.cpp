#include "analysis/plot/figure_page.h"

#include <array>

namespace peerbed::analysis {
namespace {

// Okabe and Ito, "Color Universal Design" (2008): distinguishable with every kind of colour vision. Yellow is left out
// on white paper, and the text's own colour comes last.
const Palette light{
    {255, 255, 255},
    {26, 26, 26},
    {92, 92, 92},
    {226, 226, 226},
    {{0, 114, 178}, {213, 94, 0}, {0, 158, 115}, {204, 121, 167}, {230, 159, 0}, {86, 180, 233}, {26, 26, 26}}};
const Palette dark{
    {22, 24, 28},
    {236, 236, 236},
    {170, 170, 170},
    {56, 59, 66},
    {{86, 180, 233}, {230, 159, 0}, {0, 178, 130}, {204, 121, 167}, {240, 228, 66}, {233, 114, 20}, {236, 236, 236}}};

constexpr std::array shapes{Shape::circle,   Shape::square, Shape::triangle, Shape::diamond,
                            Shape::downward, Shape::plus,   Shape::cross};
constexpr double widest_words = 20'000;  // points, of the description for readers who cannot see the picture

const std::array<std::vector<double>, 5> dash_patterns{{{}, {5, 2}, {1.5, 1.5}, {6, 1.5, 1.5, 1.5}, {2.5, 1.2}}};

}  // namespace

Page::Page(const Look& look, const std::string& title, const std::string& description)
    : palette_(look.is_dark ? dark : light) {
  picture_.width = look.width;
  picture_.paper = palette_.paper;
  picture_.title = shortened(title, widest_words);
  picture_.description = shortened(description, widest_words);
}

SeriesLook Page::look_of(std::size_t series) const {
  const std::size_t round = series / palette_.series.size();
  return {palette_.series[series % palette_.series.size()], shapes[(series + round) % shapes.size()],
          dash_patterns[(series + 2 * round) % dash_patterns.size()]};
}

void Page::text(Position at, const std::string& words, Anchor anchor) {
  add(Text{at, words, text_size, anchor, false, palette_.text});
}

void Page::quiet_text(Position at, const std::string& words, Anchor anchor) {
  add(Text{at, words, text_size, anchor, false, palette_.quiet});
}

void Page::key(Position at, std::size_t series, Drawn drawn) {
  const double length = key_width - 4;
  const SeriesLook look = look_of(series);
  if (drawn == Drawn::theory) return line({at, {at.x + length, at.y}}, {palette_.quiet, 1, {3, 2}});
  line({at, {at.x + length, at.y}}, {look.colour, 1.2, look.dashes});
  if (drawn == Drawn::marked || drawn == Drawn::hull)
    add(Mark{{at.x + length / 2, at.y}, look.shape, 4.5, look.colour});
}

void Page::bar_key(Position at, std::size_t series) {
  const double length = key_width - 5;
  add(Area{{{at.x, at.y - 3}, {at.x + length, at.y - 3}, {at.x + length, at.y + 3}, {at.x, at.y + 3}},
           look_of(series).colour});
}

double Page::title_below(double top, const std::string& title) {
  if (title.empty()) return top;
  const double size = text_size + 1;
  const std::string shown = shortened(title, (width() - 2 * page_margin) / 1.3);
  add(Text{{page_margin, top + size}, shown, size, Anchor::start, true, palette_.text});
  return top + size + 6;
}

double Page::bottom_axis(const Box& plot, const Scale& scale, const Measure& measure, const std::string& title,
                         std::vector<Tick> all, bool has_grid) {
  // Thin out the ticks until their labels do not touch.
  const auto touches = [&] {
    for (std::size_t i = 1; i < all.size(); ++i) {
      const double between = (width_of(all[i - 1].text, text_size) + width_of(all[i].text, text_size)) / 2 + 5;
      if (scale.position_of(all[i].value) - scale.position_of(all[i - 1].value) < between) return true;
    }
    return false;
  };
  for (std::size_t most = 8; most > 1 && touches(); --most)
    all = ticks(scale.values(), scale.is_logarithmic(), measure, most);
  if (touches()) all.resize(1);
  for (const Tick& tick : all) {
    const double x = scale.position_of(tick.value);
    if (has_grid) line({{x, plot.top}, {x, plot.bottom}}, {palette_.grid, 0.5});
    line({{x, plot.bottom}, {x, plot.bottom + 3}}, {palette_.quiet, 0.6});
    // Keep the outermost labels on the page.
    const double half = width_of(tick.text, text_size) / 2;
    const double middle = std::min(std::max(x, half + 1), width() - half - 1);
    quiet_text({middle, plot.bottom + 4 + text_size}, tick.text, Anchor::middle);
  }
  line({{plot.left, plot.bottom}, {plot.right, plot.bottom}}, {palette_.quiet, 0.6});
  const std::string shown = shortened(title, width() - 2 * page_margin);
  const double half = width_of(shown, text_size) / 2;
  const double middle =
      std::min(std::max((plot.left + plot.right) / 2, half + page_margin), width() - half - page_margin);
  text({middle, plot.bottom + 7 + 2 * text_size}, shown, Anchor::middle);
  return plot.bottom + 10 + 2 * text_size + page_margin;
}

void Page::left_axis(const Box& plot, const Scale& scale, const std::vector<Tick>& all) {
  for (const Tick& tick : all) {
    const double y = scale.position_of(tick.value);
    line({{plot.left, y}, {plot.right, y}}, {palette_.grid, 0.5});
    quiet_text({plot.left - 5, y + text_size * 0.36}, tick.text, Anchor::end);
  }
}

Picture Page::take(double height) {
  picture_.height = height;
  return std::move(picture_);
}

std::string Page::shortened(const std::string& text, double room) {
  const std::string clean = printable(text);
  const double dots = width_of("…", text_size);
  double width = 0;
  std::size_t fits = 0;  // bytes that leave room for the ellipsis
  for (std::size_t begin = 0; begin < clean.size();) {
    std::size_t end = begin + 1;
    while (end < clean.size() && (static_cast<unsigned char>(clean[end]) & 0xc0) == 0x80) ++end;
    if (width + dots <= room) fits = begin;
    width += width_of(clean.substr(begin, end - begin), text_size);
    if (width > room) return clean.substr(0, fits) + "…";
    begin = end;
  }
  return clean;
}

std::string title_with_unit(const std::string& title, const Measure& measure) {
  if (measure.name.empty()) return title;
  return title.empty() ? measure.name : title + " (" + measure.name + ")";
}

}  // namespace peerbed::analysis
