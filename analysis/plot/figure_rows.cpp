#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "analysis/plot/figure_page.h"

namespace peerbed::analysis {
namespace {

constexpr double bar_height = 8;
constexpr double sample_height = 15;
constexpr double row_gap = 5;
constexpr double most_label_share = 0.4;  // of the page's width

class RowLayout {
 public:
  RowLayout(const RowFigure& figure, const Look& look)
      : figure_(figure), page_(look, figure.title.empty() ? figure.value.title : figure.title, figure.description) {
    refuse_too_much();
    keep_what_can_be_drawn();
    measure();
  }

  Picture draw() {
    double top = page_.title_below(page_margin, figure_.title);
    if (figure_.groups.size() > 1)
      top = page_.legend_below(top, figure_.groups, [this](Position at, std::size_t i) {
        if (figure_.has_bars)
          page_.bar_key(at, i);
        else
          page_.add(Mark{{at.x + key_width / 2 - 2, at.y}, page_.look_of(i).shape, 4.5, page_.look_of(i).colour});
      });
    if (!figure_.row_title.empty()) {
      page_.text({page_margin, top + text_size}, Page::shortened(figure_.row_title, page_.width() - 2 * page_margin));
      top += line_height;
    }
    return page_.take(rows_below(top + 2));
  }

 private:
  void refuse_too_much() const {
    const auto refuse = [](std::size_t count, const char* what, std::size_t most) {
      if (count > most)
        throw std::invalid_argument("the figure has " + std::to_string(count) + " " + what + ", but at most " +
                                    std::to_string(most) + " fit; draw fewer in one picture");
    };
    refuse(figure_.rows.size(), "rows", maximum_rows);
    refuse(figure_.groups.size(), "groups", maximum_series);
  }

  void keep_what_can_be_drawn() {
    bool has_any = false;
    for (Row& row : figure_.rows)
      for (RowValues& group : row.groups) {
        std::erase_if(group.values, [this](double value) {
          return !std::isfinite(value) || (figure_.value.is_logarithmic && value <= 0);
        });
        has_any = has_any || !group.values.empty();
      }
    if (!has_any)
      throw std::invalid_argument(figure_.value.is_logarithmic
                                      ? "a logarithmic axis needs values above zero; draw it without --log"
                                      : "there are no values to draw");
  }

  void measure() {
    bool is_first = true;
    for (const Row& row : figure_.rows)
      for (const RowValues& group : row.groups)
        for (const double value : group.values) {
          if (is_first) values_ = {value, value};
          is_first = false;
          values_.include(value);
        }
    // A bar's length is meaningful only if the scale starts at zero.
    if (figure_.has_bars && !figure_.value.is_logarithmic) values_.include(0);
    measure_ = measure_for(figure_.value.unit, figure_.value.metric,
                           std::max(std::fabs(values_.low), std::fabs(values_.high)));
    values_ = round_range(values_, figure_.value.is_logarithmic, measure_);
  }

  double row_height() const {
    const double each = figure_.has_bars ? bar_height : sample_height;
    return each * static_cast<double>(std::max<std::size_t>(figure_.groups.size(), 1));
  }

  // The width of the widest note beside the bars.
  double note_width() const {
    double widest = 0;
    for (const Row& row : figure_.rows)
      for (const RowValues& group : row.groups) widest = std::max(widest, width_of(group.note, text_size - 1));
    return widest == 0 ? 6 : widest + 4;
  }

  double rows_below(double top) {
    double widest = 0;
    for (const Row& row : figure_.rows) widest = std::max(widest, width_of(printable(row.label), text_size));
    const double label_room = std::min(widest, most_label_share * page_.width());
    const double height = static_cast<double>(figure_.rows.size()) * (row_height() + row_gap) + row_gap;
    const Box plot{page_margin + label_room + 5, top, page_.width() - page_margin - note_width(), top + height};
    const Scale scale(values_, figure_.value.is_logarithmic, plot.left, plot.right);
    const auto most = static_cast<std::size_t>(std::clamp((plot.right - plot.left) / 40, 2.0, 8.0));
    const double below =
        page_.bottom_axis(plot, scale, measure_, title_with_unit(figure_.value.title, measure_),
                          ticks(values_, figure_.value.is_logarithmic, measure_, most), !figure_.has_bars);
    page_.line({{plot.left, plot.top}, {plot.left, plot.bottom}}, {page_.palette().quiet, 0.6});
    double row_top = plot.top + row_gap;
    for (const Row& row : figure_.rows) {
      page_.text({plot.left - 4, row_top + row_height() / 2 + text_size * 0.36},
                 Page::shortened(row.label, label_room + 0.01), Anchor::end);
      for (std::size_t i = 0; i < row.groups.size(); ++i) draw_group(row.groups[i], i, row_top, scale);
      row_top += row_height() + row_gap;
    }
    return below;
  }

  void draw_group(const RowValues& group, std::size_t index, double row_top, const Scale& scale) {
    if (group.values.empty()) return;
    if (figure_.has_bars)
      draw_bar(group, index, row_top + static_cast<double>(index) * bar_height, scale);
    else
      draw_samples(group.values, index, row_top + static_cast<double>(index) * sample_height, scale);
  }

  void draw_bar(const RowValues& group, std::size_t index, double top, const Scale& scale) {
    const double begin = scale.position_of(scale.is_logarithmic() ? scale.values().low : 0);
    const double end = scale.position_of(group.values.front());
    const double bottom = top + bar_height - (figure_.groups.size() > 1 ? 1 : 0);
    page_.add(Area{{{begin, top}, {end, top}, {end, bottom}, {begin, bottom}}, page_.look_of(index).colour});
    if (group.note.empty()) return;
    page_.add(Text{{std::max(begin, end) + 3, bottom - 1.2},
                   group.note,
                   text_size - 1,
                   Anchor::start,
                   false,
                   page_.palette().quiet});
  }

  // Spreads marks over the height of the row, in the order of seeds, so that equal values remain visible as several.
  void draw_samples(const std::vector<double>& values, std::size_t index, double top, const Scale& scale) {
    const SeriesLook look = page_.look_of(index);
    const double bottom = top + sample_height - 2;
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.size() > 2) {
      const double left = scale.position_of(quantile(sorted, 0.25));
      const double right = scale.position_of(quantile(sorted, 0.75));
      const double median = scale.position_of(quantile(sorted, 0.5));
      page_.add(Area{{{left, top}, {right, top}, {right, bottom}, {left, bottom}}, look.colour, 0.2});
      page_.line({{left, top}, {right, top}, {right, bottom}, {left, bottom}, {left, top}}, {look.colour, 0.6});
      page_.line({{median, top}, {median, bottom}}, {page_.palette().text, 1.4});
    }
    constexpr double golden = 0.6180339887498949;  // puts neighbours in the order far apart
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double turn = (static_cast<double>(i) + 0.5) * golden;
      const double part = 0.15 + 0.7 * (turn - std::floor(turn));
      page_.add(Mark{{scale.position_of(values[i]), top + part * (bottom - top)}, look.shape, 3, look.colour});
    }
  }

  RowFigure figure_;
  Page page_;
  Range values_;
  Measure measure_;
};

}  // namespace

Picture picture_of(const RowFigure& figure, const Look& look) { return RowLayout(figure, look).draw(); }

}  // namespace peerbed::analysis
