#include "analysis/plot/space_time_figure.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace peerbed::analysis {
namespace {

constexpr double margin = 12;
constexpr double text_size = 8;
constexpr double title_size = 9;
constexpr double line_height = 13;
constexpr double row_height = 46;
constexpr double least_column = 44;
constexpr double least_width = 420;
constexpr double foot = 46;
constexpr double last_column = 56;  // where the failure is marked
constexpr double lost_before = 14;  // how far from a node a lost message ends

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

// The place so far from a position, on the way to another.
Position before(Position from, Position to, double distance) {
  const double length = std::max(1.0, std::hypot(to.x - from.x, to.y - from.y));
  return {from.x + (to.x - from.x) * distance / length, from.y + (to.y - from.y) * distance / length};
}

std::vector<std::string> wrapped(const std::string& text, double width, double size) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
    if (lines.back().empty() || width_of(longer, size, true) <= width)
      lines.back() = longer;
    else
      lines.push_back(word);
    at = end + 1;
  }
  return lines;
}

class Layout {
 public:
  explicit Layout(const SpaceTimeFigure& figure) : figure_(figure) {
    double names = 0;
    for (const std::string& name : figure.nodes) names = std::max(names, width_of(name, text_size, true));
    left_ = margin + names + 10;
    double at = left_ + 12;
    for (const SpaceTimeFigure::Step& step : figure.steps) {
      const double width = std::max(least_column, width_of(step.label, text_size - 1) + 10);
      columns_.push_back(at + width / 2);
      at += width;
    }
    right_ = at + last_column / 2;
    picture_.width = std::max(right_ + last_column / 2 + margin, least_width);
    title_ = wrapped(figure.title, picture_.width - 2 * margin, title_size);
    failure_ = wrapped(figure.failure, picture_.width - 2 * margin - 14, text_size);
    top_ = margin + line_height * static_cast<double>(title_.size()) + 8;
    bottom_ = top_ + row_height * static_cast<double>(figure.nodes.size());
    picture_.height = bottom_ + foot + line_height * static_cast<double>(failure_.size() - 1);
  }

  Picture draw() {
    picture_.title = figure_.title;
    picture_.description = "The steps that led to a failure, in their order: " + figure_.failure;
    for (std::size_t i = 0; i < title_.size(); ++i)
      add_text({margin, margin + line_height * static_cast<double>(i) + 6}, title_[i], title_size, Anchor::start, true,
               ink);
    for (std::size_t node = 0; node < figure_.nodes.size(); ++node) draw_life(node);
    for (std::size_t i = 0; i < figure_.steps.size(); ++i) draw_step(i);
    draw_failure();
    return std::move(picture_);
  }

 private:
  using Step = SpaceTimeFigure::Step;

  double row(std::size_t node) const { return top_ + row_height * (static_cast<double>(node) + 0.5); }

  void add_text(Position at, const std::string& text, double size, Anchor anchor, bool bold, Colour colour) {
    picture_.elements.push_back(Text{at, text, size, anchor, bold, colour});
  }

  // A line while the node runs, and dots while it does not.
  void draw_life(std::size_t node) {
    add_text({margin, row(node) + 3}, figure_.nodes[node], text_size, Anchor::start, true, ink);
    double begin = left_;
    bool is_up = figure_.is_up[node];
    const auto draw_to = [&](double end) {
      const Stroke stroke = is_up ? Stroke{faint, 1.25, {}} : Stroke{faint, 0.75, {1, 3}};
      picture_.elements.push_back(Line{{{begin, row(node)}, {end, row(node)}}, stroke});
      begin = end;
    };
    for (std::size_t i = 0; i < figure_.steps.size(); ++i) {
      const Step& step = figure_.steps[i];
      if (step.node != node || step.life == Step::Life::goes_on) continue;
      draw_to(columns_[i]);
      is_up = step.life == Step::Life::begins;
    }
    draw_to(right_);
  }

  void draw_step(std::size_t index) {
    const Step& step = figure_.steps[index];
    const double x = columns_[index];
    const Colour colour = step.is_deed ? deed_colour : message_colour;
    const bool is_new_time = index == 0 || seconds(figure_.steps[index - 1].time) != seconds(step.time);
    if (is_new_time) add_text({x, bottom_ + 6}, seconds(step.time), text_size - 2, Anchor::middle, false, faint);
    if (!step.node) {
      picture_.elements.push_back(Line{{{x, top_ + 8}, {x, bottom_ - 6}}, {colour, 1, {3, 3}}});
      return add_text({x, top_ + 4}, step.label, text_size - 1, Anchor::middle, false, ink);
    }
    const Position at{x, row(*step.node)};
    // Where an arrow comes from above, or leads there, the label stands below.
    const bool is_from_above = (step.from && *step.from < *step.node) || sends_up(index);
    if (step.from && *step.from != *step.node) {
      // From where it was sent, unless that is so long ago that the arrow would hide what happens meanwhile; how late a
      // message is has to be seen.
      const bool is_short = !step.cause || (!step.is_deed && columns_[*step.cause] < x - 3 * least_column);
      const Position sent{is_short ? x - least_column / 2 : columns_[*step.cause], row(*step.from)};
      const Position end = step.is_lost ? before(at, sent, lost_before) : at;
      draw_arrow(sent, end, colour, step.is_deed);
      if (step.is_lost) picture_.elements.push_back(Mark{end, Shape::cross, 7, colour});
    }
    if (!step.is_lost)
      picture_.elements.push_back(
          Mark{at, step.is_deed ? Shape::diamond : Shape::circle, step.is_deed ? 8.0 : 5.0, colour});
    add_text({x, at.y + (is_from_above ? 13 : -7)}, step.label, text_size - 1, Anchor::middle, false, ink);
  }

  bool sends_up(std::size_t index) const {
    return std::any_of(figure_.steps.begin(), figure_.steps.end(), [&](const Step& later) {
      return later.cause == index && later.node && later.from && *later.node < *later.from;
    });
  }

  void draw_arrow(Position from, Position to, Colour colour, bool is_dashed) {
    picture_.elements.push_back(
        Line{{from, to}, {colour, 1, is_dashed ? std::vector<double>{3, 2} : std::vector<double>{}}});
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

  // A line through all nodes, with a cross at those that the failure is about; the same cross begins its text.
  void draw_failure() {
    picture_.elements.push_back(Line{{{right_, top_ + 8}, {right_, bottom_ - 6}}, {deed_colour, 1, {1, 2}}});
    for (const std::size_t node : figure_.failed)
      picture_.elements.push_back(Mark{{right_, row(node)}, Shape::cross, 10, deed_colour});
    add_text({right_, top_ + 4}, "violated", text_size - 1, Anchor::middle, true, deed_colour);
    add_text({right_, bottom_ + 6}, seconds(figure_.failed_at), text_size - 2, Anchor::middle, false, deed_colour);
    const double text_top = bottom_ + 28;
    picture_.elements.push_back(Mark{{margin + 5, text_top - 3}, Shape::cross, 8, deed_colour});
    for (std::size_t i = 0; i < failure_.size(); ++i)
      add_text({margin + 14, text_top + line_height * static_cast<double>(i)}, failure_[i], text_size, Anchor::start,
               true, deed_colour);
  }

  const SpaceTimeFigure& figure_;
  double left_ = 0;   // of the nodes' lines
  double right_ = 0;  // and where the failure is
  double top_ = 0;
  double bottom_ = 0;
  std::vector<double> columns_;  // by step
  std::vector<std::string> title_;
  std::vector<std::string> failure_;
  Picture picture_;
};

}  // namespace

Picture picture_of(const SpaceTimeFigure& figure) { return Layout(figure).draw(); }

}  // namespace peerbed::analysis
