#include "analysis/plot/space_time_figure.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace peerbed::analysis {
namespace {

constexpr double left_margin = 12;
constexpr double text_size = 8;
constexpr double row_height = 44;
constexpr double least_column = 40;
constexpr double head = 18;
constexpr double foot = 26;
constexpr double line_height = 14;
constexpr double least_width = 440;

constexpr Colour ink{32, 32, 32};
constexpr Colour faint{150, 150, 150};
constexpr Colour deed_colour{213, 94, 0};      // vermilion, of Okabe and Ito's palette
constexpr Colour message_colour{0, 114, 178};  // blue

std::string seconds(std::int64_t nanoseconds) {
  std::array<char, 64> text{};
  const double value = static_cast<double>(nanoseconds) / 1e9;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 3).ptr;
  std::string shown(text.data(), end);
  shown.erase(shown.find_last_not_of('0') + 1);
  if (shown.back() == '.') shown.pop_back();
  return shown + " s";
}

// Breaks a text at blanks into lines that are as wide at most, unless a word is wider.
std::vector<std::string> lines_of(const std::string& text, double size, double width) {
  std::vector<std::string> lines{""};
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
    if (lines.back().empty() || width_of(longer, size, true) <= width)
      lines.back() = longer;
    else
      lines.push_back(word);
    begin = end + 1;
  }
  return lines;
}

class Layout {
 public:
  explicit Layout(const SpaceTimeFigure& figure) : figure_(figure) {
    for (const std::string& name : figure.nodes) names_ = std::max(names_, width_of(name, text_size, true));
    double at = left_margin + names_ + 18;
    for (const SpaceTimeFigure::Step& step : figure.steps) {
      const double width = std::max(least_column, width_of(step.label, text_size - 1) + 8);
      columns_.push_back(at + width / 2);
      at += width;
    }
    right_ = at + 16;
    picture_.width = std::max(right_ + 12, least_width);
    const double room = picture_.width - 2 * left_margin;
    title_ = lines_of(figure.title, text_size + 1, room);
    failure_ = lines_of("then: " + figure.failure, text_size, room);
    top_ = head + line_height * static_cast<double>(title_.size());
  }

  Picture draw() {
    const double rows_end = top_ + row_height * static_cast<double>(figure_.nodes.size());
    picture_.height = rows_end + foot + line_height * static_cast<double>(failure_.size());
    picture_.title = figure_.title;
    picture_.description = "The steps that led to a failure, in their order: " + figure_.failure;
    draw_lines(title_, 16, text_size + 1, ink);
    draw_nodes();
    for (std::size_t i = 0; i < figure_.steps.size(); ++i) draw_step(i, rows_end + 12);
    draw_lines(failure_, rows_end + foot + 6, text_size, deed_colour);
    return std::move(picture_);
  }

 private:
  void draw_lines(const std::vector<std::string>& lines, double top, double size, Colour colour) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      picture_.elements.push_back(
          Text{{left_margin, top + line_height * static_cast<double>(i)}, lines[i], size, Anchor::start, true, colour});
  }

  double row(std::size_t node) const { return top_ + row_height * (static_cast<double>(node) + 0.5); }

  void draw_nodes() {
    for (std::size_t i = 0; i < figure_.nodes.size(); ++i) {
      picture_.elements.push_back(
          Text{{left_margin, row(i) + 3}, figure_.nodes[i], text_size, Anchor::start, true, ink});
      picture_.elements.push_back(Line{{{left_margin + names_ + 8, row(i)}, {right_, row(i)}}, {faint, 0.75, {}}});
    }
    for (const std::size_t node : figure_.failed)
      picture_.elements.push_back(Mark{{right_, row(node)}, Shape::cross, 9, deed_colour});
  }

  void draw_step(std::size_t index, double times) {
    const SpaceTimeFigure::Step& step = figure_.steps[index];
    const Position at{columns_[index], row(step.node)};
    const Colour colour = step.is_deed ? deed_colour : message_colour;
    if (step.from) {
      const bool is_near = !step.cause || columns_[*step.cause] < at.x - 3 * least_column;
      const Position sent{is_near ? at.x - least_column / 2 : columns_[*step.cause], row(*step.from)};
      draw_arrow(sent, at, colour);
    }
    picture_.elements.push_back(
        Mark{at, step.is_deed ? Shape::diamond : Shape::circle, step.is_deed ? 8.0 : 5.0, colour});
    picture_.elements.push_back(Text{{at.x, at.y - 7}, step.label, text_size - 1, Anchor::middle, false, ink});
    const bool is_new_time = index == 0 || seconds(figure_.steps[index - 1].time) != seconds(step.time);
    if (is_new_time)
      picture_.elements.push_back(Text{{at.x, times}, seconds(step.time), text_size - 2, Anchor::middle, false, faint});
  }

  void draw_arrow(Position from, Position to, Colour colour) {
    picture_.elements.push_back(Line{{from, to}, {colour, 1, {}}});
    const double dx = to.x - from.x;
    const double dy = to.y - from.y;
    const double length = std::max(1.0, std::hypot(dx, dy));
    const Position unit{dx / length, dy / length};
    const Position tip{to.x - unit.x * 3, to.y - unit.y * 3};
    picture_.elements.push_back(Area{{tip,
                                      {tip.x - unit.x * 6 - unit.y * 2.5, tip.y - unit.y * 6 + unit.x * 2.5},
                                      {tip.x - unit.x * 6 + unit.y * 2.5, tip.y - unit.y * 6 - unit.x * 2.5}},
                                     colour,
                                     1});
  }

  const SpaceTimeFigure& figure_;
  double names_ = 0;  // width of the widest name
  std::vector<double> columns_;
  double right_ = 0;
  std::vector<std::string> title_, failure_;  // their lines
  double top_ = 0;                            // of the first row
  Picture picture_;
};

}  // namespace

Picture picture_of(const SpaceTimeFigure& figure) { return Layout(figure).draw(); }

}  // namespace peerbed::analysis
