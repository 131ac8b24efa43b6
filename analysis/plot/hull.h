#pragma once
// What the best settings of something cost: of points whose x is a cost and whose y is to be small, those that no
// mixture of others beats in both (Li, Stribling, Morris, Kaashoek and Gil, INFOCOM 2005).

#include <span>
#include <vector>

#include "analysis/plot/figure.h"

namespace peerbed::analysis {

// The corners of the lower convex hull from the leftmost point to the lowest, in ascending order of x. Points in
// ascending order of x.
std::vector<Point> lower_hull(std::span<const Point> points);

}  // namespace peerbed::analysis
