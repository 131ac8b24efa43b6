#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "analysis/plot/figure_page.h"
#include "analysis/plot/hull.h"

namespace peerbed::analysis {
namespace {

constexpr double height_by_width = 0.58;   // of the plot
constexpr double label_gap = 5;            // between the plot and a label at a curve's end
constexpr double most_label_share = 0.36;  // of the page's width
constexpr std::size_t most_own_ticks = 9;

class CurveLayout {
 public:
  CurveLayout(const CurveFigure& figure, const Look& look)
      : figure_(figure), page_(look, figure.title.empty() ? figure.y.title : figure.title, figure.description) {
    keep_what_can_be_drawn();
    measure();
  }

  Picture draw() {
    double top = page_.title_below(page_margin, figure_.title);
    decide_labels();
    if (!is_direct_ && has_labels_) top = legend_below(top);
    const std::string y_title =
        Page::shortened(title_with_unit(figure_.y.title, y_measure_), page_.width() - 2 * page_margin);
    page_.text({page_margin, top + text_size}, y_title);
    const double bottom = plot_below(top + line_height + 5);
    return page_.take(bottom);
  }

 private:
  void keep_what_can_be_drawn() {
    if (figure_.series.size() > maximum_series)
      throw std::invalid_argument("the figure has " + std::to_string(figure_.series.size()) + " curves, but at most " +
                                  std::to_string(maximum_series) + " can be distinguished; draw fewer in one picture");
    const auto can_be = [](double value, const Axis& axis) {
      return std::isfinite(value) && (!axis.is_logarithmic || value > 0);
    };
    for (const Series& series : figure_.series)
      for (const Point& point : series.points)
        if (series.drawn == Drawn::marked && can_be(point.x, figure_.x)) marked_x_.insert(point.x);
    for (Series& series : figure_.series)
      std::erase_if(series.points,
                    [&](const Point& point) { return !can_be(point.x, figure_.x) || !can_be(point.y, figure_.y); });
    std::erase_if(figure_.series, [](const Series& series) { return series.points.empty(); });
    if (figure_.series.empty())
      throw std::invalid_argument(figure_.x.is_logarithmic || figure_.y.is_logarithmic
                                      ? "a logarithmic axis needs values above zero; draw it without --log"
                                      : "there are no values to draw");
  }

  void measure() {
    const Point& first = figure_.series.front().points.front();
    x_ = {first.x, first.x};
    y_ = {first.y, first.y};
    bool has_steps = false;
    for (const Series& series : figure_.series)
      for (const Point& point : series.points) {
        x_.include(point.x);
        y_.include(point.y);
        has_steps = has_steps || series.drawn == Drawn::steps;
        if (!point.interval) continue;
        for (const double end : {point.interval->low, point.interval->high})
          if (std::isfinite(end) && (!figure_.y.is_logarithmic || end > 0)) y_.include(end);
      }
    x_measure_ = measure_for(figure_.x.unit, figure_.x.metric, std::fabs(x_.high));
    y_measure_ = measure_for(figure_.y.unit, figure_.y.metric, std::max(std::fabs(y_.low), std::fabs(y_.high)));
    y_measure_.name += figure_.y.suffix;
    own_ticks();
    y_ = round_range(y_, figure_.y.is_logarithmic, y_measure_);
    if (figure_.y.unit == Unit::flag && !figure_.y.is_logarithmic) y_.high = std::min(y_.high, 1.0);
    if (x_.low == x_.high) x_ = round_range(x_, figure_.x.is_logarithmic, x_measure_);
    if (!figure_.x.limits) widen_x(has_steps);
    limit(figure_.x, x_);
    limit(figure_.y, y_);
    std::erase_if(x_ticks_, [this](const Tick& tick) { return tick.value < x_.low || tick.value > x_.high; });
  }

  static void limit(const Axis& axis, Range& range) {
    if (!axis.limits) return;
    range = {axis.limits->first, axis.limits->second};
    if (axis.is_logarithmic && range.low <= 0)
      throw std::invalid_argument("a logarithmic axis begins above zero; give a range that does");
  }

  // If there are few values of x, they become the ticks, including those whose measurements cannot be drawn.
  void own_ticks() {
    if (marked_x_.size() > most_own_ticks) return;
    for (const double value : marked_x_) {
      x_.include(value);
      x_ticks_.push_back({value, tick_text(value / x_measure_.size)});
    }
  }

  // Marks at the first and the last value must not overhang the plot's edge.
  void widen_x(bool has_steps) {
    if (has_steps) return;
    constexpr double share = 0.03;
    if (figure_.x.is_logarithmic) {
      const double factor = std::pow(x_.high / x_.low, share);
      x_ = {x_.low / factor, x_.high * factor};
    } else {
      const double margin = (x_.high - x_.low) * share;
      x_ = {x_.low - (x_.low == 0 ? 0 : margin), x_.high + margin};
    }
  }

  void decide_labels() {
    for (const Series& series : figure_.series) has_labels_ = has_labels_ || !series.label.empty();
    has_labels_ = has_labels_ && (figure_.series.size() > 1);
    double widest = 0;
    for (const Series& series : figure_.series) widest = std::max(widest, width_of(printable(series.label), text_size));
    label_width_ = widest + key_width + label_gap;
    const double all_high = static_cast<double>(figure_.series.size()) * line_height;
    is_direct_ = has_labels_ && figure_.is_labelled_directly && !figure_.x.limits && !figure_.y.limits &&
                 label_width_ < most_label_share * page_.width() && all_high < height_by_width * page_.width() * 0.6;
  }

  double legend_below(double top) {
    std::vector<std::string> labels;
    for (const Series& series : figure_.series) labels.push_back(series.label);
    return page_.legend_below(top, labels,
                              [this](Position at, std::size_t i) { page_.key(at, i, figure_.series[i].drawn); });
  }

  double plot_below(double top) {
    const double room = page_.width() - 2 * page_margin - (is_direct_ ? label_width_ : 4);
    const double height = height_by_width * room;
    const auto most = static_cast<std::size_t>(std::max(2.0, height / 22));
    const std::vector<Tick> y_ticks = ticks(y_, figure_.y.is_logarithmic, y_measure_, most);
    double widest = 0;
    for (const Tick& tick : y_ticks) widest = std::max(widest, width_of(tick.text, text_size));
    const Box plot{page_margin + widest + 6, top, page_margin + room, top + height};
    const Scale x(x_, figure_.x.is_logarithmic, plot.left, plot.right);
    const Scale y(y_, figure_.y.is_logarithmic, plot.bottom, plot.top);
    page_.left_axis(plot, y, y_ticks);
    const bool is_at_data = !x_ticks_.empty();
    std::vector<Tick> bottom = is_at_data ? x_ticks_ : ticks(x_, figure_.x.is_logarithmic, x_measure_, 8);
    const double below =
        page_.bottom_axis(plot, x, x_measure_, title_with_unit(figure_.x.title, x_measure_), std::move(bottom), false);
    for (std::size_t i = 0; i < figure_.series.size(); ++i) draw_series(figure_.series[i], i, x, y);
    if (is_direct_) draw_labels(plot, x, y);
    return below;
  }

  void draw_series(const Series& series, std::size_t index, const Scale& x, const Scale& y) {
    const SeriesLook look = page_.look_of(index);
    const bool is_theory = series.drawn == Drawn::theory;
    for (const Point& point : joined_points(series))
      if (point.interval && point.interval->high > point.interval->low && is_shown(point.x, x) &&
          point.interval->high >= y_.low && point.interval->low <= y_.high)
        draw_interval(x.position_of(point.x), *point.interval, y, look.colour);
    for (std::vector<Position>& path : paths_of(series, x, y))
      page_.line(std::move(path),
                 is_theory ? Stroke{page_.palette().quiet, 1, {3, 2}} : Stroke{look.colour, 1.2, look.dashes});
    if (series.drawn == Drawn::marked || series.drawn == Drawn::hull)
      for (const Point& point : series.points)
        if (is_shown(point.x, x) && is_shown(point.y, y))
          page_.add(Mark{{x.position_of(point.x), y.position_of(point.y)}, look.shape, 4.5, look.colour});
  }

  static bool is_shown(double value, const Scale& scale) {
    return value >= scale.values().low && value <= scale.values().high;
  }

  static std::vector<Point> joined_points(const Series& series) {
    return series.drawn == Drawn::hull ? lower_hull(series.points) : series.points;
  }

  // The lines of a series, cut where they leave the plot.
  static std::vector<std::vector<Position>> paths_of(const Series& series, const Scale& x, const Scale& y) {
    std::vector<Point> corners;
    for (const Point& point : joined_points(series)) {
      if (series.drawn == Drawn::steps && !corners.empty()) corners.push_back({point.x, corners.back().y, {}});
      corners.push_back(point);
    }
    std::vector<std::vector<Position>> paths;
    bool is_going_on = false;
    for (std::size_t i = 1; i < corners.size(); ++i) {
      const auto part = shown_part(corners[i - 1], corners[i], x, y);
      if (!part) {
        is_going_on = false;
        continue;
      }
      const auto position = [&](double share) {
        if (share == 0) return Position{x.position_of(corners[i - 1].x), y.position_of(corners[i - 1].y)};
        if (share == 1) return Position{x.position_of(corners[i].x), y.position_of(corners[i].y)};
        return Position{x.position_of(between(corners[i - 1].x, corners[i].x, share, x)),
                        y.position_of(between(corners[i - 1].y, corners[i].y, share, y))};
      };
      if (!is_going_on || part->low > 0) paths.push_back({position(part->low)});
      paths.back().push_back(position(part->high));
      is_going_on = part->high == 1;
    }
    return paths;
  }

  static double between(double from, double to, double share, const Scale& scale) {
    if (scale.is_logarithmic()) return from * std::pow(to / from, share);
    return from + (to - from) * share;
  }

  // Which part of the way from one point to the next is within both scales (Liang and Barsky 1984).
  static std::optional<Range> shown_part(const Point& from, const Point& to, const Scale& x, const Scale& y) {
    Range part{0, 1};
    const auto cut = [&part](double begin, double end, const Scale& scale) {
      const auto place = [&scale](double value) { return scale.is_logarithmic() ? std::log(value) : value; };
      const double start = place(begin);
      const double way = place(end) - start;
      const double low = place(scale.values().low) - start;
      const double high = place(scale.values().high) - start;
      if (way == 0) return low <= 0 && high >= 0;
      part.low = std::max(part.low, std::min(low / way, high / way));
      part.high = std::min(part.high, std::max(low / way, high / way));
      return part.low <= part.high;
    };
    return cut(from.x, to.x, x) && cut(from.y, to.y, y) ? std::optional(part) : std::nullopt;
  }

  void draw_interval(double x, const Interval& interval, const Scale& y, const Colour& colour) {
    const double high = y.position_of(interval.high);
    const double low = y.position_of(interval.low);
    const Stroke stroke{colour, 0.8};
    page_.line({{x, low}, {x, high}}, stroke);
    for (const double end : {interval.low, interval.high})
      if (end >= y.values().low) page_.line({{x - 2, y.position_of(end)}, {x + 2, y.position_of(end)}}, stroke);
  }

  // Each label is at the height of its curve's end, or as close to it as the others allow.
  void draw_labels(const Box& plot, const Scale& x, const Scale& y) {
    struct Label {
      std::size_t series;
      Position end;
      double middle;
    };
    std::vector<Label> labels;
    for (std::size_t i = 0; i < figure_.series.size(); ++i) {
      const Point last = joined_points(figure_.series[i]).back();
      const Position end{x.position_of(last.x), y.position_of(last.y)};
      labels.push_back({i, end, end.y});
    }
    std::stable_sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.end.y < b.end.y; });
    double free = plot.top;
    for (Label& label : labels) {
      label.middle = std::max(label.middle, free);
      free = label.middle + line_height;
    }
    double ceiling = plot.bottom;
    for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
      label->middle = std::min(label->middle, ceiling);
      ceiling = label->middle - line_height;
    }
    const double left = plot.right + label_gap;
    for (const Label& label : labels) {
      const bool is_far =
          std::fabs(label.middle - label.end.y) > 2 || plot.right - label.end.x > 0.1 * (plot.right - plot.left);
      if (is_far) page_.line({{label.end.x + 3, label.end.y}, {left - 1, label.middle}}, {page_.palette().quiet, 0.4});
      page_.key({left, label.middle}, label.series, figure_.series[label.series].drawn);
      page_.text({left + key_width, label.middle + text_size * 0.36}, printable(figure_.series[label.series].label));
    }
  }

  CurveFigure figure_;
  Page page_;
  Range x_;
  Range y_;
  std::set<double> marked_x_;  // x coordinates of all marks
  Measure x_measure_;
  Measure y_measure_;
  std::vector<Tick> x_ticks_;
  bool has_labels_ = false;
  bool is_direct_ = false;
  double label_width_ = 0;
};

}  // namespace

Picture picture_of(const CurveFigure& figure, const Look& look) { return CurveLayout(figure, look).draw(); }

}  // namespace peerbed::analysis
