// Figures are laid out as data, which these tests examine before anything is drawn.

#include "analysis/plot/figure.h"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "analysis/plot/scale.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

namespace {

template <class Kind>
std::vector<Kind> all_of(const Picture& picture) {
  std::vector<Kind> found;
  for (const Element& element : picture.elements)
    if (const auto* each = std::get_if<Kind>(&element)) found.push_back(*each);
  return found;
}

bool shows(const Picture& picture, const std::string& words) {
  for (const Text& text : all_of<Text>(picture))
    if (text.text == words) return true;
  return false;
}

// No texts overlap, and each is on the page.
void check_texts(const Picture& picture) {
  const std::vector<Text> texts = all_of<Text>(picture);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Box box = box_of(texts[i]);
    INFO(texts[i].text);
    CHECK(box.left >= 0);
    CHECK(box.top >= 0);
    CHECK(box.right <= picture.width + 0.01);
    CHECK(box.bottom <= picture.height + 0.01);
    for (std::size_t k = i + 1; k < texts.size(); ++k) {
      INFO(texts[k].text);
      CHECK_FALSE(box.overlaps(box_of(texts[k])));
    }
  }
}

std::size_t count_in(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// Curves that all end at about the same height.
CurveFigure crowded(std::size_t curves) {
  CurveFigure figure;
  figure.x = {"sources", "sources", Unit::none, true, {}};
  figure.y = {"download", "download_seconds", Unit::none, true, {}};
  for (std::size_t i = 0; i < curves; ++i) {
    Series series{"scheme " + std::to_string(i), {}, Drawn::marked};
    for (const double x : {1.0, 2.0, 4.0, 8.0, 16.0}) {
      const double y = (10 + 0.01 * static_cast<double>(i)) / x;
      series.points.push_back({x, y, Interval{y * 0.9, y * 1.1}});
    }
    figure.series.push_back(series);
  }
  return figure;
}

RowFigure bars(std::size_t rows, std::size_t groups) {
  RowFigure figure;
  figure.value = {"messages sent", "", Unit::count, false, {}};
  for (std::size_t i = 0; i < groups; ++i) figure.groups.push_back("run " + std::to_string(i));
  for (std::size_t i = 0; i < rows; ++i) {
    Row row{"a_kind_of_message_" + std::to_string(i), {}};
    for (std::size_t k = 0; k < groups; ++k)
      row.groups.push_back({{100000.0 / static_cast<double>(i + k + 1)}, "100,000, 12.3%"});
    figure.rows.push_back(row);
  }
  return figure;
}

}  // namespace

TEST_CASE("curves have marks at their points, titles with units, and ticks at the points") {
  CurveFigure figure = crowded(2);
  figure.series.push_back({"bound", {{1, 9, {}}, {16, 0.6, {}}}, Drawn::theory});
  const Picture picture = picture_of(figure);
  CHECK(all_of<Mark>(picture).size() == 2 * 5 + 2);  // plus one in each key
  CHECK(shows(picture, "download (s)"));
  CHECK(shows(picture, "sources"));
  for (const char* tick : {"1", "2", "4", "8", "16"}) CHECK(shows(picture, tick));
  check_texts(picture);
  const std::string svg = svg_of(picture);
  CHECK(count_in(svg, "class=\"mark\"") == 12);
  CHECK(svg.find(">download (s)</text>") != std::string::npos);
  CHECK(count_in(svg, "stroke-dasharray=\"3 2\"") == 2);  // the bound and its key
  CHECK(svg == svg_of(picture_of(figure)));
  CHECK(svg != svg_of(picture_of(figure, {340, true})));
}

TEST_CASE("labels do not overlap however many curves end at one height") {
  for (const std::size_t curves : {1U, 2U, 5U, 9U, 14U})
    for (const double width : {142.0, 250.0, 340.0, 1000.0}) {
      INFO(curves << " curves, " << width << " points wide");
      check_texts(picture_of(crowded(curves), {width, false}));
    }
  CurveFigure rising = crowded(6);
  for (Series& series : rising.series)
    for (Point& point : series.points) point = {point.x, 1000 - point.y, {}};
  check_texts(picture_of(rising));
  CurveFigure figure = crowded(3);
  figure.title = "A title that is much longer than any page of a journal is wide, and says too much at once";
  figure.x.title = figure.title;
  figure.y.title = figure.title;
  for (Series& series : figure.series)
    series.label += " with a very long name that fits nowhere beside the curves at all";
  check_texts(picture_of(figure));
  check_texts(picture_of(figure, {142, false}));
}

TEST_CASE("there are as many ticks along the bottom as fit") {
  CurveFigure figure = crowded(1);
  figure.x.is_logarithmic = false;
  for (Point& point : figure.series[0].points) point.x *= 1'000'000;
  const Picture wide = picture_of(figure, {1000, false});
  CHECK(shows(wide, "16,000,000"));  // at the points
  CHECK(shows(wide, "1,000,000"));
  const Picture narrow = picture_of(figure, {200, false});
  check_texts(narrow);
  CHECK_FALSE(shows(narrow, "16,000,000"));
  CHECK(shows(narrow, "5,000,000"));  // round numbers instead
  CHECK(shows(narrow, "10,000,000"));
}

TEST_CASE("marks and lines stay within the page whatever the values") {
  for (const double scale : {1e-12, 1e-3, 1.0, 1e6, 1e15})
    for (const bool is_logarithmic : {false, true}) {
      CurveFigure figure = crowded(3);
      figure.y.is_logarithmic = is_logarithmic;
      figure.y.metric = "";
      for (Series& series : figure.series)
        for (Point& point : series.points) {
          point.y *= scale;
          point.interval = Interval{-point.y, point.y * 2};
        }
      const Picture picture = picture_of(figure);
      check_texts(picture);
      for (const Mark& mark : all_of<Mark>(picture)) {
        CHECK(mark.at.x >= 0);
        CHECK(mark.at.x <= picture.width);
        CHECK(mark.at.y >= 0);
        CHECK(mark.at.y <= picture.height);
      }
    }
}

TEST_CASE("series differ in colour and in mark, and theory is drawn without marks") {
  const Picture picture = picture_of(crowded(14));
  const std::vector<Mark> marks = all_of<Mark>(picture);
  for (std::size_t i = 0; i < 14; ++i)
    for (std::size_t k = i + 1; k < 14; ++k) {
      const Mark& one = marks[14 + i * 5];  // after the keys of the legend
      const Mark& other = marks[14 + k * 5];
      CHECK_FALSE((one.colour == other.colour && one.shape == other.shape));
    }
}

TEST_CASE("rows have bars from zero and keep their notes apart") {
  for (const std::size_t groups : {1U, 2U, 5U}) {
    const Picture picture = picture_of(bars(12, groups));
    check_texts(picture);
    CHECK(all_of<Area>(picture).size() == 12 * groups + (groups > 1 ? groups : 0));
    CHECK(shows(picture, "messages sent"));
  }
  RowFigure figure = bars(3, 1);
  for (Row& row : figure.rows)
    row.label = "a label that is wider than the whole of the page can ever be, and then some";
  check_texts(picture_of(figure, {142, false}));
}

TEST_CASE("all samples are marked and boxed between the quartiles") {
  RowFigure figure;
  figure.has_bars = false;
  figure.value = {"latency", "", Unit::nanoseconds, false, {}};
  figure.groups = {"a"};
  figure.rows = {{"nodes=10", {{{1e6, 2e6, 3e6, 4e6, 5e6}, ""}}}, {"nodes=20", {{{5e6, 5e6}, ""}}}};
  const Picture picture = picture_of(figure);
  CHECK(all_of<Mark>(picture).size() == 7);
  CHECK(shows(picture, "latency (ms)"));
  const std::vector<Area> boxes = all_of<Area>(picture);
  REQUIRE(boxes.size() == 1);
  const std::vector<Mark> marks = all_of<Mark>(picture);
  CHECK(boxes[0].corners[0].x == Approx(marks[1].at.x));
  CHECK(boxes[0].corners[1].x == Approx(marks[3].at.x));
  CHECK(marks[5].at.y != marks[6].at.y);
}

TEST_CASE("what cannot be drawn is refused with a reason, or left out if the rest can be drawn") {
  CurveFigure figure = crowded(1);
  figure.series[0].points[0].y = 0;
  figure.series[0].points[1].y = std::numeric_limits<double>::quiet_NaN();
  CHECK(all_of<Mark>(picture_of(figure)).size() == 3);
  CHECK(shows(picture_of(figure), "1"));  // measured, but below what can be shown
  for (Point& point : figure.series[0].points) point.y = 0;
  CHECK_THROWS_WITH(picture_of(figure), "a logarithmic axis needs values above zero; draw it without --log");
  figure.series.clear();
  figure.x.is_logarithmic = figure.y.is_logarithmic = false;
  CHECK_THROWS_WITH(picture_of(figure), "there are no values to draw");
  CHECK_THROWS_AS(picture_of(crowded(15)), std::invalid_argument);
  CHECK_THROWS_WITH(picture_of(bars(81, 1)), "the figure has 81 rows, but at most 80 fit; draw fewer in one picture");
  CHECK_THROWS_AS(picture_of(RowFigure{}), std::invalid_argument);
}

TEST_CASE("ticks are round numbers and the unit suits the values") {
  const auto texts = [](Range range, bool is_logarithmic, const Measure& measure) {
    std::string all;
    for (const Tick& tick : ticks(range, is_logarithmic, measure, 5)) all += (all.empty() ? "" : " ") + tick.text;
    return all;
  };
  CHECK(texts({0, 1}, false, {}) == "0 0.2 0.4 0.6 0.8 1");
  CHECK(texts({0, 4200e6}, false, measure_for(Unit::nanoseconds, "", 4200e6)) == "0 1 2 3 4");
  CHECK(texts({0.995, 1}, false, measure_for(Unit::flag, "", 1)) == "99.5 99.6 99.7 99.8 99.9 100");
  CHECK(texts({1, 1e6}, true, {}) == "1 100 10,000 1,000,000");
  CHECK(texts({2, 25}, true, {}) == "2 5 10 20");
  CHECK(measure_for(Unit::nanoseconds, "", 2e6).name == "ms");
  CHECK(measure_for(Unit::nanoseconds, "", 90e9).name == "s");
  CHECK(measure_for(Unit::nanoseconds, "", 600e9).name == "min");
  CHECK(measure_for(Unit::bytes, "", 3 << 20).name == "MiB");
  CHECK(measure_for(Unit::none, "download_seconds", 3).name == "s");
  CHECK(measure_for(Unit::none, "speedup", 3).name.empty());
  CHECK(tick_text(-1234567.25) == "-1,234,567");
  CHECK(tick_text(0.000001) == "1e-06");
}

TEST_CASE("bytes that are not text become question marks and markup is escaped") {
  CHECK(printable("µ\n\xff\xc3(\xe2\x80") ==
        "µ???"
        "(??");
  CHECK(printable("\xed\xa0\x80\xef\xbf\xbf\xf0\x9f\x8c\x8d") == "??????\xf0\x9f\x8c\x8d");
  CurveFigure figure = crowded(2);
  figure.series[0].label = "a<b>&\"c\"\x01";
  const std::string svg = svg_of(picture_of(figure));
  CHECK(svg.find(">a&lt;b&gt;&amp;&quot;c&quot;?</text>") != std::string::npos);
}

TEST_CASE("a picture gives the same bytes each time as a PDF and as a PNG") {
  const Picture picture = picture_of(crowded(3));
  const std::string pdf = pdf_of(picture);
  const std::string png = png_of(picture);
  CHECK(pdf.starts_with("%PDF-"));
  CHECK(png.starts_with("\x89PNG"));
  CHECK(pdf == pdf_of(picture));
  CHECK(png == png_of(picture));
  Picture huge = picture;
  huge.width = huge.height = 1e6;
  CHECK_THROWS_WITH(png_of(huge), Catch::StartsWith("the picture cannot be drawn: "));
}
