#include "analysis/plot/hull.h"

namespace peerbed::analysis {

// Andrew's monotone chain (1979).
std::vector<Point> lower_hull(std::span<const Point> points) {
  std::vector<Point> hull;
  for (const Point& point : points) {
    if (!hull.empty() && point.y >= hull.back().y) continue;  // it costs as much or more, and is no better
    if (!hull.empty() && point.x == hull.back().x) hull.pop_back();
    while (hull.size() >= 2) {
      const Point& before = hull[hull.size() - 2];
      const Point& last = hull.back();
      const bool is_below = (last.y - before.y) * (point.x - before.x) < (point.y - before.y) * (last.x - before.x);
      if (is_below) break;
      hull.pop_back();
    }
    hull.push_back(point);
  }
  return hull;
}

}  // namespace peerbed::analysis
