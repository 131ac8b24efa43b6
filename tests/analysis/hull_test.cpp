#include "analysis/plot/hull.h"

#include <algorithm>

#include "analysis/plot/figure_table.h"
#include "protocols/environment/random.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

namespace {

std::vector<Point> points(std::initializer_list<std::pair<double, double>> all) {
  std::vector<Point> made;
  for (const auto& [x, y] : all) made.push_back({x, y, {}});
  return made;
}

std::vector<std::pair<double, double>> hull_of(const std::vector<Point>& all) {
  std::vector<std::pair<double, double>> corners;
  for (const Point& point : lower_hull(all)) corners.emplace_back(point.x, point.y);
  return corners;
}

using Corners = std::vector<std::pair<double, double>>;

}  // namespace

TEST_CASE("a hull leads from the cheapest point to the best one, below all others") {
  CHECK(hull_of(points({{1, 10}, {2, 4}, {3, 7}, {4, 3.9}, {5, 1}, {6, 2}})) == Corners{{1, 10}, {2, 4}, {5, 1}});
  CHECK(hull_of(points({{1, 3}, {2, 2}, {3, 1}})) == Corners{{1, 3}, {3, 1}});
  CHECK(hull_of(points({{1, 3}, {1, 2}, {2, 2}})) == Corners{{1, 2}});
  CHECK(hull_of(points({{1, 2}, {2, 3}})) == Corners{{1, 2}});
  CHECK(hull_of({}).empty());
}

TEST_CASE("no mixture of two points is below a hull, at its cost") {
  KeyedStream draws(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Point> all;
    for (int i = 0; i < 12; ++i) all.push_back({draws.unit(), draws.unit(), {}});
    std::sort(all.begin(), all.end(), [](const Point& one, const Point& other) { return one.x < other.x; });
    const std::vector<Point> hull = lower_hull(all);
    for (const Point& corner : hull)
      for (const Point& one : all)
        for (const Point& other : all) {
          if (one.x > corner.x || other.x < corner.x || one.x == other.x) continue;
          const double share = (corner.x - one.x) / (other.x - one.x);
          CHECK(one.y + share * (other.y - one.y) >= corner.y - 1e-12);
        }
    CHECK(hull.back().y == std::min_element(all.begin(), all.end(), [](const Point& one, const Point& other) {
                             return one.y < other.y;
                           })->y);
  }
}

TEST_CASE("a figure marks all points and joins those on the hull, which its table lists by their labels") {
  CurveFigure figure;
  figure.x = {"cost", "", Unit::none, false, {}};
  figure.y = {"time", "", Unit::none, false, {}};
  Series series{"ring", points({{1, 10}, {2, 4}, {3, 7}, {5, 1}}), Drawn::hull};
  for (Point& point : series.points) point.label = "period=" + std::to_string(static_cast<int>(point.x));
  figure.series.push_back(series);
  const Picture picture = picture_of(figure);
  std::size_t marks = 0;
  std::size_t corners = 0;
  for (const Element& element : picture.elements) {
    marks += std::holds_alternative<Mark>(element) ? 1 : 0;
    if (const auto* line = std::get_if<Line>(&element)) corners = std::max(corners, line->points.size());
  }
  CHECK(marks == 4);
  CHECK(corners == 3);
  CHECK(table_of(figure, TableForm::markdown) ==
        "| setting | cost | time |\n|---|---:|---:|\n| ring, period=1 | 1 | 10 |\n| ring, period=2 | 2 | 4 |\n"
        "| ring, period=5 | 5 | 1 |\n");
}
