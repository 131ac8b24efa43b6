// A space-time picture can be read: no text lies on another, a lost message does not arrive, and the violation is
// marked at the nodes that it is about.

#include "analysis/plot/space_time_figure.h"

#include <algorithm>
#include <vector>

#include "tests/catch.h"

using namespace peerbed::analysis;

namespace {

using Step = SpaceTimeFigure::Step;

SpaceTimeFigure figure() {
  SpaceTimeFigure shown;
  shown.title = "Node 2 crashes, the find from node 0 to node 1 is lost, node 2 joins; then node 1 has no successor.";
  shown.nodes = {"node 0", "node 1", "node 2"};
  shown.is_up = {true, true, false};
  shown.steps = {Step{.node = 2, .label = "start", .is_deed = true, .life = Step::Life::begins},
                 Step{.node = 1, .time = 1, .label = "find: lost", .is_deed = true, .is_lost = true, .from = 0},
                 Step{.node = 0, .time = 2, .label = "neighbours query", .from = 2, .cause = 0},
                 Step{.node = 2, .time = 3, .label = "neighbours", .from = 0, .cause = 2},
                 Step{.time = 4, .label = "network", .is_deed = true},
                 Step{.node = 2, .time = 5, .label = "crash", .is_deed = true, .life = Step::Life::ends}};
  shown.failure = "node 1 has no live successor in its list";
  shown.failed_at = 6;
  shown.failed = {1};
  return shown;
}

template <class Element>
std::vector<Element> all(const Picture& picture) {
  std::vector<Element> found;
  for (const auto& element : picture.elements)
    if (const auto* each = std::get_if<Element>(&element)) found.push_back(*each);
  return found;
}

}  // namespace

TEST_CASE("no text of a space-time picture lies on another or beyond its edge") {
  const Picture picture = picture_of(figure());
  const auto texts = all<Text>(picture);
  REQUIRE(texts.size() > 10);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Box box = box_of(texts[i]);
    INFO(texts[i].text);
    CHECK(box.left >= 0);
    CHECK(box.right <= picture.width);
    CHECK(box.bottom <= picture.height);
    for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(box.overlaps(box_of(texts[j])));
  }
}

TEST_CASE("in a space-time picture a lost message ends in a cross before its receiver") {
  const auto marks = all<Mark>(picture_of(figure()));
  const auto crosses = [&](double size) {
    std::vector<Mark> found;
    std::copy_if(marks.begin(), marks.end(), std::back_inserter(found),
                 [size](const Mark& mark) { return mark.shape == Shape::cross && mark.size == size; });
    return found;
  };
  const auto lost = crosses(7);
  const auto failed = crosses(10);
  REQUIRE(lost.size() == 1);
  REQUIRE(failed.size() == 1);
  CHECK(lost.front().at.y < failed.front().at.y - 5);  // its receiver is the node that the violation is about
  const auto circles =
      std::count_if(marks.begin(), marks.end(), [](const Mark& mark) { return mark.shape == Shape::circle; });
  CHECK(circles == 2);  // of the messages that arrive
}
