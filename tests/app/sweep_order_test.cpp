// How the runs of a sweep are divided among machines, and in which order they start.

#include <algorithm>
#include <map>
#include <numeric>

#include "app/sweep/sweep_division.h"
#include "app/sweep/unit_costs.h"
#include "app/sweep/work_list.h"
#include "app/sweep/work_times.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::app;

namespace {

scenarios::SweepPlan plan_of(const std::vector<double>& efforts, std::size_t seeds) {
  scenarios::SweepPlan plan;
  for (const double effort : efforts) {
    scenarios::SweepPoint& point = plan.points.emplace_back();
    point.digest = "point" + std::to_string(plan.points.size());
    point.effort = effort;
  }
  plan.seeds.resize(seeds);
  std::iota(plan.seeds.begin(), plan.seeds.end(), 1);
  return plan;
}

// "2:1" is the second point with the first seed.
std::string order_of(const scenarios::SweepPlan& plan, WorkList& list) {
  std::string text;
  while (const auto unit = list.next())
    text += (text.empty() ? "" : " ") + std::to_string(plan.unit(*unit).point + 1) + ":" +
            std::to_string(plan.unit(*unit).seed);
  return text;
}

bool is_mine(std::size_t) { return true; }

}  // namespace

TEST_CASE("parts of a sweep have every unit once, and about as much to do, whatever the points cost") {
  const auto plan = plan_of({10, 100, 1000, 10'000}, 12);
  for (const std::size_t count : {1, 2, 3, 4, 7}) {
    std::vector<std::size_t> all;
    std::vector<double> loads;
    for (std::size_t index = 0; index < count; ++index) {
      double load = 0;
      for (const std::size_t unit : units_of(plan, {index, count})) {
        all.push_back(unit);
        load += plan.points[plan.unit(unit).point].effort;
      }
      loads.push_back(load);
    }
    std::sort(all.begin(), all.end());
    std::vector<std::size_t> expected(plan.unit_count());
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    CHECK(all == expected);
    const auto [least, most] = std::minmax_element(loads.begin(), loads.end());
    CHECK(*most - *least <= 10'000);
  }
}

TEST_CASE("seeds that are added later leave the division of the earlier ones alone") {
  const auto few = plan_of({3, 1, 2}, 5);
  const auto many = plan_of({3, 1, 2}, 9);
  const auto by_name = [](const scenarios::SweepPlan& plan, std::size_t below) {
    std::vector<std::pair<std::size_t, std::uint64_t>> units;
    for (const std::size_t unit : units_of(plan, {1, 2}))
      if (plan.unit(unit).seed <= below) units.emplace_back(plan.unit(unit).point, plan.unit(unit).seed);
    return units;
  };
  CHECK(by_name(few, 5) == by_name(many, 5));
}

TEST_CASE("points that cost the same are dealt out in turn") {
  const auto plan = plan_of({5, 5}, 2);
  CHECK(units_of(plan, {0, 2}) == std::vector<std::size_t>{0, 1});
  CHECK(units_of(plan, {1, 2}) == std::vector<std::size_t>{2, 3});
  CHECK(parse_share("2/3")->index == 1);
  for (const char* bad : {"", "1", "0/3", "4/3", "1/0", "/", "1/", "x/3", "-1/3", "1/3/3"})
    CHECK_FALSE(parse_share(bad));
}

TEST_CASE("the longest run starts first by estimate, then as it is measured") {
  const auto plan = plan_of({10, 10, 1000}, 2);
  const std::vector<std::size_t> units = units_of(plan, {});
  UnitCosts costs(plan, {});
  WorkList estimated(plan, costs, units, is_mine);
  CHECK(order_of(plan, estimated) == "3:1 3:2 1:1 2:1 1:2 2:2");
  // The estimates were wrong: the second point is the longest. The first is not measured, and its estimate is scaled.
  WorkList measured(plan, costs, units, is_mine);
  CHECK(measured.next() == 4);
  costs.add(2, 1.0);
  costs.add(1, 8.0);
  CHECK(order_of(plan, measured) == "2:1 2:2 3:2 1:1 1:2");
  CHECK(costs.measured().at("point2").seconds == 8.0);
  // A sweep that goes on knows what it measured.
  UnitCosts later(plan, costs.measured());
  WorkList resumed(plan, later, units, is_mine);
  CHECK(order_of(plan, resumed) == "2:1 2:2 3:1 3:2 1:1 1:2");
}

TEST_CASE("processes that share the units run each of them once") {
  const auto plan = plan_of({1, 2, 4}, 4);
  const std::vector<std::size_t> units = units_of(plan, {});
  std::map<std::size_t, int> taken;
  const auto claim = [&taken](std::size_t unit) { return ++taken[unit] == 1; };
  const UnitCosts costs(plan, {});
  WorkList a(plan, costs, units, claim);
  WorkList b(plan, costs, units, claim);
  std::vector<std::size_t> run;
  for (bool is_more = true; is_more;) {
    is_more = false;
    for (WorkList* list : {&a, &b})
      if (const auto unit = list->next()) {
        run.push_back(*unit);
        is_more = true;
      }
  }
  std::sort(run.begin(), run.end());
  CHECK(run.size() == 12);
  CHECK(std::adjacent_find(run.begin(), run.end()) == run.end());
}

TEST_CASE("waste is what workers did not do, and how long the last run was alone") {
  WorkTimes first{.workers = 2, .runs = 3, .last_run = 7, .seconds = 10, .seconds_before = 6, .busy = 15};
  const WorkTimes second{.workers = 1, .runs = 1, .last_run = 2, .seconds = 8, .seconds_before = 0, .busy = 8};
  for (const auto& all : {std::vector{first, second}, std::vector{second, first}}) {
    const Waste waste = waste_of(all);
    CHECK(waste.workers == 3);
    CHECK(waste.seconds == 10);
    CHECK(waste.busy == 23);
    CHECK(waste.idle() == 7);
    CHECK(waste.alone == 2);
    CHECK(waste.last_run == 7);
  }
  CHECK(waste_of({first}).alone == 4);
  first.workers = 1;
  CHECK(waste_of({first}).alone == 0);
  CHECK(waste_of({}).idle() == 0);
  CHECK(busy_text(93, 7) == "93% busy, 7s idle in all");
  CHECK(write_work_times(read_work_times(write_work_times(second))) == write_work_times(second));
}
