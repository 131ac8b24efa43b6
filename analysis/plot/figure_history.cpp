#include "analysis/plot/figure_history.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/plot/figure_page.h"

namespace peerbed::analysis {
namespace {

constexpr double bar_height = 6;
constexpr double lane_height = 19;  // with the label above the bar
constexpr double row_gap = 5;
constexpr double most_label_share = 0.25;  // of the page's width
constexpr double arrow_length = 5;
constexpr double gap_between_labels = 3;
constexpr std::size_t put_series = 0;
constexpr std::size_t get_series = 2;
constexpr std::size_t arrow_series = 1;

std::string label_of(const DrawnOperation& operation) {
  if (operation.is_put) return operation.is_nothing ? "remove" : "put " + std::to_string(operation.value);
  if (operation.answered == never) return "get";
  return operation.is_nothing || operation.value == 0 ? "get nothing" : "get " + std::to_string(operation.value);
}

std::vector<std::string> wrapped(const std::string& text, double room) {
  std::vector<std::string> lines(1);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
    if (!lines.back().empty() && width_of(longer, text_size) > room) {
      lines.push_back(word);
    } else {
      lines.back() = longer;
    }
    begin = end + 1;
  }
  return lines;
}

class HistoryLayout {
 public:
  HistoryLayout(const HistoryFigure& figure, const Look& look)
      : key_(figure.key),
        operations_(figure.key.excerpt.operations),
        title_(title_of(figure)),
        page_(look, title_, figure.description.empty() ? figure.key.why : figure.description) {}

  Picture draw() {
    double top = page_.title_below(page_margin, title_);
    for (const std::string& line : wrapped(printable(key_.why), page_.width() - 2 * page_margin)) {
      if (line.empty()) continue;
      page_.quiet_text({page_margin, top + text_size}, line);
      top += line_height;
    }
    top = legend_below(top + 2);
    place_instants();
    place_lanes();
    return page_.take(rows_below(top + 4));
  }

 private:
  struct Bar {
    double begin = 0;
    double end = 0;
    std::size_t row = 0;
    std::size_t lane = 0;  // within the row
    double top = 0;
  };
  struct Client {
    std::string name;
    std::vector<double> ends;  // of the last bar or label in each lane
  };

  static std::string title_of(const HistoryFigure& figure) {
    if (!figure.title.empty()) return figure.title;
    const std::string level(word_of(figure.key.level));
    return "Key " + std::to_string(figure.key.key) + (figure.key.level == Level::none ? ": no level" : ": " + level);
  }

  double legend_below(double top) {
    std::vector<std::string> labels{"put or remove", "get"};
    if (!key_.excerpt.precedences.empty()) labels.emplace_back("ended before the other began");
    return page_.legend_below(top, labels, [this](Position at, std::size_t i) {
      if (i == 2) return arrow({at.x, at.y}, {at.x + key_width - 4, at.y});
      page_.bar_key(at, i == 0 ? put_series : get_series);
    });
  }

  // Each instant at which an operation begins or ends has its own place: so short operations far from each other can be
  // seen in one picture.
  void place_instants() {
    for (const DrawnOperation& each : operations_) {
      places_[each.invoked] = 0;
      if (each.answered != never) places_[each.answered] = 0;
    }
    double widest = 0;
    for (const DrawnOperation& each : operations_)
      widest = std::max(widest, width_of(printable(each.process), text_size));
    left_ = page_margin + std::min(widest, most_label_share * page_.width()) + 6;
    right_ = page_.width() - page_margin - 14;  // beyond it: what never ended
    const double step = (right_ - left_) / static_cast<double>(places_.size() + 1);
    double x = left_;
    for (auto& [time, place] : places_) place = x += step;
  }

  // Operations of one client that overlap, or whose labels would, lie below each other.
  void place_lanes() {
    for (const DrawnOperation& each : operations_) {
      auto client = std::find_if(clients_.begin(), clients_.end(),
                                 [&](const Client& known) { return known.name == each.process; });
      if (client == clients_.end()) client = clients_.insert(clients_.end(), {each.process, {}});
      Bar bar{places_[each.invoked], each.answered == never ? right_ + 8 : places_[each.answered],
              static_cast<std::size_t>(client - clients_.begin()), 0, 0};
      bar.end = std::max(bar.end, bar.begin + 1);
      const double label_end = bar.begin + width_of(label_of(each), text_size) + gap_between_labels;
      const auto lane =
          std::find_if(client->ends.begin(), client->ends.end(), [&](double end) { return end <= bar.begin; });
      bar.lane = static_cast<std::size_t>(lane - client->ends.begin());
      if (lane == client->ends.end()) client->ends.push_back(0);
      client->ends[bar.lane] = std::max(bar.end, label_end);
      bars_.push_back(bar);
    }
  }

  double rows_below(double top) {
    std::vector<double> tops;
    double y = top;
    for (const Client& client : clients_) {
      tops.push_back(y);
      const double height = lane_height * static_cast<double>(client.ends.size());
      page_.text({left_ - 5, y + height / 2 + text_size * 0.36}, Page::shortened(client.name, left_ - 5 - page_margin),
                 Anchor::end);
      y += height + row_gap;
      if (&client != &clients_.back())
        page_.line({{page_margin, y - row_gap / 2}, {page_.width() - page_margin, y - row_gap / 2}},
                   {page_.palette().grid, 0.5});
    }
    draw_marked_instants(top, y);
    for (std::size_t i = 0; i < bars_.size(); ++i) {
      bars_[i].top =
          tops[bars_[i].row] + lane_height * static_cast<double>(bars_[i].lane) + lane_height - bar_height - 2;
      draw_bar(bars_[i], operations_[i]);
    }
    for (const auto& [earlier, later] : key_.excerpt.precedences)
      arrow({bars_[earlier].end, bars_[earlier].top + bar_height / 2},
            {bars_[later].begin, bars_[later].top + bar_height / 2});
    return axis_below(y);
  }

  void draw_bar(const Bar& bar, const DrawnOperation& operation) {
    const Colour colour = page_.look_of(operation.is_put ? put_series : get_series).colour;
    const double bottom = bar.top + bar_height;
    const bool is_open = operation.answered == never;
    page_.add(Area{{{bar.begin, bar.top}, {bar.end, bar.top}, {bar.end, bottom}, {bar.begin, bottom}},
                   colour,
                   operation.is_marked ? 1 : 0.35});
    std::vector<Position> outline{{bar.end, bar.top}, {bar.begin, bar.top}, {bar.begin, bottom}, {bar.end, bottom}};
    if (!is_open) outline.push_back(outline.front());
    page_.line(outline, {colour, 0.8, is_open ? std::vector<double>{2, 1.5} : std::vector<double>{}});
    const std::string label = label_of(operation);
    const double left = std::min(bar.begin, page_.width() - page_margin - width_of(label, text_size));
    if (operation.is_marked)
      page_.text({left, bar.top - 2}, label);
    else
      page_.quiet_text({left, bar.top - 2}, label);
  }

  void arrow(Position from, Position to) {
    const Colour colour = page_.look_of(arrow_series).colour;
    const double length = std::max(std::hypot(to.x - from.x, to.y - from.y), 0.01);
    const Position along{(to.x - from.x) / length, (to.y - from.y) / length};
    const double head = std::min(arrow_length, length);
    const Position neck{to.x - head * along.x, to.y - head * along.y};
    page_.line({from, neck}, {colour, 1.1});
    const double half = 0.45 * head;
    page_.add(Area{
        {to, {neck.x - half * along.y, neck.y + half * along.x}, {neck.x + half * along.y, neck.y - half * along.x}},
        colour,
        1});
  }

  // Thin lines from the begins and ends that the arrows join, down to their times.
  void draw_marked_instants(double top, double bottom) {
    for (const auto& [earlier, later] : key_.excerpt.precedences)
      for (const Time time : {operations_[earlier].answered, operations_[later].invoked}) {
        const double x = places_[time];
        page_.line({{x, top}, {x, bottom}}, {page_.palette().grid, 0.7, {1.5, 1.5}});
      }
  }

  double axis_below(double top) {
    page_.line({{left_, top}, {right_ + 8, top}}, {page_.palette().quiet, 0.6});
    std::vector<std::pair<double, std::string>> labels;
    const auto add = [&](Time time) {
      const double x = places_[time];
      const std::string text = tick_text(std::round(static_cast<double>(nanoseconds_since_start(time)) / 1e6) / 1e3);
      const double half = width_of(text, text_size) / 2;
      const bool fits = x - half > page_margin && x + half < page_.width() - page_margin &&
                        std::none_of(labels.begin(), labels.end(), [&](const auto& each) {
                          return std::fabs(each.first - x) < half + width_of(each.second, text_size) / 2 + 4;
                        });
      if (fits) labels.emplace_back(x, text);
    };
    for (const auto& [earlier, later] : key_.excerpt.precedences) {
      add(operations_[earlier].answered);
      add(operations_[later].invoked);
    }
    for (const auto& [time, place] : places_) add(time);
    for (const auto& [x, text] : labels) {
      page_.line({{x, top}, {x, top + 3}}, {page_.palette().quiet, 0.6});
      page_.quiet_text({x, top + 4 + text_size}, text, Anchor::middle);
    }
    page_.text({(left_ + right_) / 2, top + 7 + 2 * text_size}, "begins and ends in their order; time (s)",
               Anchor::middle);
    return top + 10 + 2 * text_size + page_margin;
  }

  const WorstKey& key_;
  const std::vector<DrawnOperation>& operations_;
  std::string title_;
  Page page_;
  std::map<Time, double> places_;
  std::vector<Client> clients_;
  std::vector<Bar> bars_;  // of the operations
  double left_ = 0;
  double right_ = 0;
};

}  // namespace

Picture picture_of(const HistoryFigure& figure, const Look& look) { return HistoryLayout(figure, look).draw(); }

}  // namespace peerbed::analysis
