#include "scenarios/run/property_checker.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "scenarios/plan/metric_catalogue.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

bool compare(double actual, Comparison comparison, double wanted) {
  switch (comparison) {
    case Comparison::less:
      return actual < wanted;
    case Comparison::at_most:
      return actual <= wanted;
    case Comparison::equal:
      return actual == wanted;
    case Comparison::not_equal:
      return actual != wanted;
    case Comparison::at_least:
      return actual >= wanted;
    case Comparison::more:
      return actual > wanted;
  }
  return false;
}

ExpectationResult judge_metric(const Expectation& expectation, const MetricExpectation& wanted,
                               const analysis::Metrics& metrics) {
  ExpectationResult result{expectation.text, {}, false};
  const auto metric = metrics.find(wanted.metric);
  if (!metric) {
    std::vector<std::string> names;
    for (const auto& [name, value] : metrics.all()) names.push_back(name);
    const std::string nearest = nearest_word(wanted.metric, names);
    result.actual = "this run has no such metric" + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  } else if (std::find(wanted.units.begin(), wanted.units.end(), metric->unit) == wanted.units.end()) {
    result.actual = unit_remedy(metric->unit);
  } else {
    result.held = compare(metric->value, wanted.comparison, wanted.value);
    result.actual = "was " + show_metric(*metric);
  }
  return result;
}

bool speaks_of_violations(const Expectation& expectation) {
  const auto* metric = std::get_if<MetricExpectation>(&expectation.form);
  return metric != nullptr && metric->metric == "violations";
}

}  // namespace

std::string show_metric(const analysis::Metric& metric) {
  switch (metric.unit) {
    case Unit::nanoseconds:
      return show_duration(metric.value);
    case Unit::bytes:
      return show_size(metric.value);
    case Unit::flag: {
      std::array<char, 32> text{};
      // Rounded down, apart from binary rounding errors, so that "100%" means all.
      const double percent = std::floor(metric.value * 1e5 + 1e-6) / 1000;
      const auto end = std::to_chars(text.data(), text.data() + text.size(), percent).ptr;
      return std::string(text.data(), end) + "%";
    }
    case Unit::none:
    case Unit::count:
    case Unit::identifier:
    case Unit::address:
    case Unit::code:
      break;
  }
  if (metric.value >= 0 && metric.value < 1e18 && metric.value == std::floor(metric.value))
    return show_count(static_cast<std::uint64_t>(metric.value));
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), metric.value, std::chars_format::fixed, 2).ptr;
  return {text.data(), end};
}

void PropertyChecker::begin_rehearsal() {
  rehearses_ = true;
  doubted_.emplace();
}

bool PropertyChecker::end_rehearsal() {
  rehearses_ = false;
  return !doubted_->empty();
}

void PropertyChecker::expect(std::string_view property, bool holds, const std::function<std::string()>& violation) {
  if (rehearses_) {
    if (!holds) doubted_->emplace(property);
    return;
  }
  auto found = looks_.find(property);
  if (found == looks_.end()) found = looks_.emplace(std::string(property), Looks{}).first;
  ++found->second.all;
  if (holds || (doubted_ && !doubted_->contains(property))) {
    ++found->second.held;
    return;
  }
  ++count_;
  found->second.last = {at_, violation()};
  if (found->second.all > found->second.held + 1) return;
  found->second.first = found->second.last;
  found->second.rank = count_;
}

bool is_demanded(const Scenario& scenario, std::string_view property, Duration at) {
  const auto names = [property](const std::vector<std::string>& demanded) {
    return std::find(demanded.begin(), demanded.end(), property) != demanded.end();
  };
  return names(scenario.always) || (at >= scenario.duration && names(scenario.finally));
}

bool PropertyChecker::demands(std::string_view property) const {
  return scenario_ != nullptr && is_demanded(*scenario_, property, at_);
}

std::vector<ViolatedProperty> PropertyChecker::violations() const {
  std::map<std::uint64_t, ViolatedProperty> violated;  // by rank
  for (const auto& [property, looks] : looks_)
    if (looks.held < looks.all)
      violated.emplace(looks.rank, ViolatedProperty{property, looks.all - looks.held, looks.first, looks.last});
  std::vector<ViolatedProperty> in_order;
  for (auto& [rank, property] : violated) in_order.push_back(std::move(property));
  return in_order;
}

void PropertyChecker::write_to(analysis::Metrics& metrics) const {
  metrics.set("violations", count_, Unit::count, Better::less);
  for (const auto& [property, looks] : looks_) {
    metrics.set("check." + property + ".looks", looks.all);
    metrics.set("check." + property + ".share", static_cast<double>(looks.held) / static_cast<double>(looks.all),
                Unit::flag, Better::more);
  }
}

std::vector<ExpectationResult> judge(const Scenario& scenario, const analysis::Metrics& metrics, const LineLog& lines) {
  std::vector<ExpectationResult> results;
  for (const Expectation& expectation : scenario.expectations) {
    if (const auto* metric = std::get_if<MetricExpectation>(&expectation.form)) {
      results.push_back(judge_metric(expectation, *metric, metrics));
    } else {
      const bool held = lines.was_printed(std::get<PrintedExpectation>(expectation.form));
      results.push_back({expectation.text, held ? "it did" : "it did not", held});
    }
  }
  if (std::none_of(scenario.expectations.begin(), scenario.expectations.end(), speaks_of_violations)) {
    const Expectation none{"violations == 0", MetricExpectation{"violations", Comparison::equal, 0, {Unit::count}}};
    results.push_back(judge_metric(none, std::get<MetricExpectation>(none.form), metrics));
  }
  return results;
}

}  // namespace peerbed::scenarios
