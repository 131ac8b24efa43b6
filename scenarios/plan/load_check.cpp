#include <array>

#include "scenarios/plan/load.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t most_often = 254;

void read_often(MapReader& map, std::string_view key, std::uint32_t& often) {
  const auto field = map.find(key);
  if (!field) return;
  const bool is_any = field->is_scalar() && field->text() == "any";
  often = is_any ? CheckBudget::any : static_cast<std::uint32_t>(field->count(0, most_often));
}

CheckBudget read_budget(const Field& field) {
  CheckBudget budget;
  field.map([&](MapReader& map) {
    read_often(map, "start", budget.start);
    read_often(map, "crash", budget.crash);
    read_often(map, "leave", budget.leave);
    read_often(map, "fire", budget.fire);
    read_often(map, "drop", budget.drop);
    read_often(map, "duplicate", budget.duplicate);
  });
  return budget;
}

std::vector<std::string> read_names(const Field& field) {
  std::vector<std::string> names;
  for (const Field& element : field.elements()) names.push_back(element.text());
  return names;
}

}  // namespace

CheckPlan read_check(const Field& field) {
  CheckPlan plan;
  field.map([&](MapReader& map) {
    if (const auto clock = map.find("clock"))
      plan.clock = std::array{CheckClock::patient, CheckClock::hasty}[clock->choice({"patient", "hasty"})];
    if (const auto steps = map.find("steps"))
      plan.steps = std::array{CheckSteps::exchange, CheckSteps::message}[steps->choice({"exchange", "message"})];
    if (const auto budget = map.find("budget")) plan.budget = read_budget(*budget);
    if (const auto timers = map.find("timers")) plan.timers = read_names(*timers);
    if (const auto contract = map.find("contract")) plan.contract = contract->text();
    if (const auto always = map.find("always")) plan.always = read_names(*always);
    if (const auto eventually = map.find("eventually")) plan.eventually = read_names(*eventually);
    if (const auto most = map.find("at_most"))
      most->map([&](MapReader& bounds) {
        if (const auto states = bounds.find("states")) plan.states = states->count(1, UINT32_MAX - 1);
        if (const auto memory = bounds.find("memory")) plan.memory = memory->size();
        if (const auto depth = bounds.find("depth"))
          plan.depth = static_cast<std::uint32_t>(depth->count(1, 1'000'000));
      });
    if (plan.steps == CheckSteps::exchange)
      for (const std::uint32_t often : {plan.budget.drop, plan.budget.duplicate})
        if (often > 0)
          field.within("budget").fail(
              "whole exchanges lose no message; set drop and duplicate to 0, or steps: message");
    if (plan.steps == CheckSteps::exchange && plan.clock == CheckClock::hasty)
      field.within("clock").fail("within an exchange no timer fires too early; use clock: patient, or steps: message");
  });
  return plan;
}

}  // namespace peerbed::scenarios
