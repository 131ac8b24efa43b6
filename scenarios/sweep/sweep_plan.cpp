#include "scenarios/sweep/sweep_plan.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <set>
#include <span>

#include "analysis/results/fault_of_file.h"
#include "protocols/environment/hash.h"
#include "scenarios/record/result_json.h"
#include "scenarios/text/source_file.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t largest_seed = INT64_MAX;  // what a database can store
constexpr std::string_view seeds_expected = "expected seeds, such as 1..20 or 1,2,5..9";

std::uint64_t hash_of(const std::string& text, std::uint64_t seed) {
  return hash_bytes(std::as_bytes(std::span(text)), seed);
}

// Adds the bytes of every file that the document names: a changed matrix makes a different scenario.
std::uint64_t with_files(const Document& document, const Value& value, std::uint64_t hash) {
  for (const Value& element : value.elements) hash = with_files(document, element, hash);
  for (const Entry& entry : value.entries) {
    hash = with_files(document, entry.value, hash);
    if (entry.key.scalar != "file" || entry.value.kind != Value::Kind::scalar) continue;
    const std::string path = path_of(Field(document, entry.value, "file"));
    if (!analysis::fault_of_file(path).empty()) continue;  // no scenario reads such a file
    std::ifstream file(path, std::ios::binary);
    hash = hash_of(std::string(std::istreambuf_iterator<char>(file), {}), hash);
  }
  return hash;
}

// Splits at commas outside brackets, braces and quotes.
std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> values(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      values.emplace_back();
      continue;
    }
    values.back() += c;
  }
  return values;
}

void add_seeds(std::string_view words, const std::string& source, std::set<std::uint64_t>& seeds) {
  const std::size_t dots = words.find("..");
  const auto first = parse_count(words.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_count(words.substr(dots + 2));
  if (!first || !last)
    throw ScenarioError({source}, std::string(seeds_expected) + ", but found '" + std::string(words) + "'");
  if (*first > *last)
    throw ScenarioError({source}, "the range " + std::string(words) + " is reversed; write " + std::to_string(*last) +
                                      ".." + std::to_string(*first));
  if (*last > largest_seed) throw ScenarioError({source}, "a seed is at most " + std::to_string(largest_seed));
  if (*last - *first >= maximum_units)
    throw ScenarioError({source}, "there are more than " + show_count(maximum_units) + " seeds; use fewer");
  for (std::uint64_t seed = *first; seed <= *last; ++seed)
    if (!seeds.insert(seed).second)
      throw ScenarioError({source}, "seed " + std::to_string(seed) + " is given twice; give it once");
}

std::vector<SweepPoint> product_of(const std::vector<Axis>& axes) {
  std::vector<SweepPoint> points(1);
  for (const Axis& axis : axes) {
    std::vector<SweepPoint> next;
    for (const SweepPoint& point : points)
      for (const std::string& value : axis.values) {
        next.push_back(point);
        next.back().values.push_back(value);
      }
    points = std::move(next);
  }
  return points;
}

void check_axes(const std::vector<Axis>& axes, std::size_t seeds) {
  std::set<std::string> names;
  std::size_t units = seeds;
  for (const Axis& axis : axes) {
    const std::string source = "--param " + axis.name;
    if (axis.name == "seed") throw ScenarioError({source}, "seeds are not a parameter; write --seeds 1..20");
    if (!names.insert(axis.name).second)
      throw ScenarioError({source}, "the parameter is given twice; give all its values in one --param");
    units *= axis.values.size();
    if (units > maximum_units)
      throw ScenarioError({source}, "the sweep has more than " + show_count(maximum_units) + " runs; use fewer");
  }
}

double effort_of(const Scenario& scenario) {
  double nodes = 0;
  for (const Group& group : scenario.groups) nodes += static_cast<double>(group.plan.count);
  return nodes * std::chrono::duration<double>(scenario.duration).count();
}

}  // namespace

std::vector<std::uint64_t> parse_seeds(const std::string& text, const std::string& source) {
  std::set<std::uint64_t> seeds;
  for (const std::string& words : split_values(text)) add_seeds(words, source, seeds);
  return {seeds.begin(), seeds.end()};
}

std::string write_seeds(const std::vector<std::uint64_t>& seeds) {
  std::string text;
  for (auto at = seeds.begin(); at != seeds.end();) {
    const std::uint64_t first = *at;
    std::uint64_t last = first;
    for (++at; at != seeds.end() && *at == last + 1; ++at) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(first);
    if (last > first) text += (last == first + 1 ? "," : "..") + std::to_string(last);
  }
  return text;
}

Axis parse_axis(const std::string& text, const std::string& source) {
  const std::size_t sign = text.find('=');
  if (sign == std::string::npos || sign == 0)
    throw ScenarioError({source}, sign == 0 ? "no parameter before the '='; write --param peers=1,2,4"
                                            : "missing '='; write --param peers=1,2,4");
  Axis axis{text.substr(0, sign), split_values(std::string_view(text).substr(sign + 1))};
  for (const std::string& value : axis.values) {
    if (value.empty()) throw ScenarioError({source}, "a value is missing beside a comma or after the '='");
    if (std::count(axis.values.begin(), axis.values.end(), value) > 1)
      throw ScenarioError({source}, "the value " + value + " is given twice; give it once");
  }
  return axis;
}

std::string scenario_digest(const Document& document) {
  Value root = document.root;
  remove_entry(root, "seed");
  return digest_text(with_files(document, document.root, hash_of(write_document(root), 0)));
}

std::vector<Override> SweepPlan::overrides_at(const SweepPoint& point) const {
  std::vector<Override> overrides = settings;
  for (std::size_t i = 0; i < axes.size(); ++i)
    overrides.push_back({axes[i].name, point.values[i], "--param " + axes[i].name + "=" + point.values[i]});
  return overrides;
}

Scenario SweepPlan::scenario_of(const SweepUnit& unit, const Registry& registry) const {
  std::vector<Override> overrides = overrides_at(points[unit.point]);
  overrides.push_back({"seed", std::to_string(unit.seed), "--seeds"});
  return load_scenario(document, registry, overrides);
}

SweepPlan plan_sweep(Document document, const Registry& registry, std::vector<Override> settings,
                     std::vector<Axis> axes, std::vector<std::uint64_t> seeds) {
  check_axes(axes, seeds.size());
  SweepPlan plan{.document = std::move(document), .settings = std::move(settings), .axes = std::move(axes)};
  plan.seeds = std::move(seeds);
  plan.points = product_of(plan.axes);
  const Scenario base = load_scenario(plan.document, registry, plan.settings);
  plan.name = base.name;
  plan.digest = scenario_digest(base.document);
  for (const Expectation& expectation : base.expectations)
    if (const auto* metric = std::get_if<MetricExpectation>(&expectation.form)) plan.expected.push_back(metric->metric);
  for (SweepPoint& point : plan.points) {
    const Scenario scenario = load_scenario(plan.document, registry, plan.overrides_at(point));
    point.digest = scenario_digest(scenario.document);
    point.effort = effort_of(scenario);
  }
  return plan;
}

}  // namespace peerbed::scenarios
