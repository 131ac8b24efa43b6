#include <algorithm>
#include <array>

#include "scenarios/plan/command_template.h"
#include "scenarios/plan/load.h"
#include "scenarios/plan/metric_catalogue.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr double most_commands = 1e8;    // in one stream
constexpr double least_expected = 0.69;  // ln 2: with fewer, a Poisson process probably has no event

// A stream without commands is a mistake, and one with too many would make the run endless.
void check_frequency(const Workload& workload, const Field& field, Duration until) {
  const auto length = static_cast<double>((until - workload.from).count());
  const double expected = length / static_cast<double>(workload.period.count());
  if (expected < (workload.poisson ? least_expected : 1))
    field.fail(std::string(workload.poisson ? "most likely no command" : "no command") + " is issued in the " +
               write_duration(until - workload.from) + " of this entry; issue them more often, or for longer");
  const double rounds = std::min(expected, static_cast<double>(workload.times));
  const double commands = rounds * (workload.each ? static_cast<double>(workload.nodes.size()) : 1);
  if (commands > most_commands)
    field.fail("that is about " + show_count(static_cast<std::uint64_t>(std::min(commands, 1e18))) +
               " commands, but an entry can issue at most " + show_count(static_cast<std::uint64_t>(most_commands)) +
               "; issue them less often");
}

Workload read_stream(const Field& field, const NodeSelector& selector, Duration duration) {
  Workload workload;
  workload.until = duration;
  field.map([&](MapReader& map) {
    const auto node = map.find("node");
    const auto nodes = map.find("nodes");
    const auto each = map.find("each");
    if (node && nodes) nodes->fail("name either one `node` or several `nodes`, not both");
    if (each && (node || nodes)) each->fail("`each` already names the nodes; remove `node` and `nodes`");
    workload.each = each.has_value();
    workload.nodes = node    ? Nodes{selector.one_node(*node)}
                     : nodes ? selector.nodes(*nodes)
                     : each  ? selector.nodes(*each)
                             : selector.everyone();
    const Field line = map.require("do");
    workload.line = line.text();
    if (const std::string fault = fault_of_template(workload.line); !fault.empty()) line.fail(fault);
    const auto at = map.find("at");
    const auto from = map.find("from");
    const auto until = map.find("until");
    const auto rate = map.find("rate");
    const auto every = map.find("every");
    const auto times = map.find("times");
    if (times) workload.times = times->count(1, UINT64_MAX);
    if (at) {
      workload.from = at->duration();
      if (from || until || rate || every || times)
        at->fail("`at` means once; remove from, until, rate, every and times");
    } else {
      if (rate.has_value() == every.has_value())
        field.fail(
            "missing time: add `at: 30s` for once, `every: 1s` for a steady stream, or `rate: 10/s` for a random one");
      workload.poisson = rate.has_value();
      workload.period = rate ? rate->frequency() : every->positive_duration();
      if (workload.period == Duration::zero()) field.fail("this is too frequent; the interval must be longer than 1ns");
      if (from) workload.from = from->duration();
      if (until) workload.until = until->duration();
    }
    if (workload.from >= duration) field.fail("this starts after the end of the run; start it earlier");
    if (workload.until < workload.from) until->fail("this ends before it starts; correct `from` or `until`");
    if (rate || every) check_frequency(workload, rate ? *rate : *every, std::min(workload.until, duration));
  });
  return workload;
}

bool is_number(Unit unit) noexcept { return unit == Unit::none || unit == Unit::count; }

constexpr std::array<std::pair<std::string_view, Comparison>, 6> operators{{{"<=", Comparison::at_most},
                                                                            {">=", Comparison::at_least},
                                                                            {"==", Comparison::equal},
                                                                            {"!=", Comparison::not_equal},
                                                                            {"<", Comparison::less},
                                                                            {">", Comparison::more}}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Reads the value with whatever units it can have; a plain number fits counts and metrics without a unit.
bool read_value(std::string_view text, MetricExpectation& expectation) {
  if (const auto duration = parse_duration(text)) {
    expectation.value = static_cast<double>(duration->count());
    expectation.units = {Unit::nanoseconds};
  } else if (const auto share = parse_probability(text)) {
    expectation.value = *share;
    expectation.units = {Unit::flag};
  } else if (const auto size = parse_size(text)) {
    expectation.value = static_cast<double>(*size);
    expectation.units = {Unit::bytes};
  } else if (const auto number = parse_number(text)) {
    expectation.value = *number;
    expectation.units = {Unit::none, Unit::count};
  } else {
    return false;
  }
  return true;
}

MetricExpectation read_metric_expectation(const std::string& text, const Field& field) {
  for (const auto& [sign, comparison] : operators) {
    const std::size_t at = text.find(sign);
    if (at == std::string::npos) continue;
    MetricExpectation expectation;
    expectation.metric = trimmed(std::string_view(text).substr(0, at));
    expectation.comparison = comparison;
    const std::string_view value = trimmed(std::string_view(text).substr(at + sign.size()));
    if (expectation.metric.empty() || !read_value(value, expectation)) break;
    return expectation;
  }
  field.fail_expected(
      "a metric, a comparison and a value, such as `lookup.done.latency.p99 < 500ms` or `violations == 0`");
}

void check_metric(const MetricExpectation& expectation, const MetricCatalogue& metrics, const Field& field) {
  const std::string& name = expectation.metric;
  const Unit* unit = metrics.find(name);
  if (unit == nullptr && metrics.may_have(name)) return;
  if (unit == nullptr && name.starts_with("history.") && metrics.find("history.keys") == nullptr)
    field.fail("'" + name + "' is measured only where histories are judged; add `checks: [history]`");
  if (unit == nullptr) {
    std::vector<std::string> names;
    for (const auto& [known, its_unit] : metrics.all()) names.push_back(known);
    const std::string nearest = nearest_word(name, names);
    field.fail(
        "this scenario has no metric '" + name + "'; " +
        (nearest.empty() ? "`peerbed run SCENARIO --json` shows all metrics" : "did you mean '" + nearest + "'?"));
  }
  const bool fits = std::any_of(expectation.units.begin(), expectation.units.end(),
                                [unit](Unit each) { return each == *unit || (is_number(each) && is_number(*unit)); });
  if (!fits) field.fail("'" + name + "' cannot be compared with this value: " + unit_remedy(*unit));
}

Expectation read_expectation(const Field& field, const NodeSelector& selector, const MetricCatalogue& metrics) {
  if (field.is_scalar()) {
    const MetricExpectation expectation = read_metric_expectation(field.text(), field);
    check_metric(expectation, metrics, field);
    return {field.text(), expectation};
  }
  Expectation expectation;
  field.map([&](MapReader& map) {
    const Field node = map.require("node");
    const std::string text = map.require("prints").text();
    expectation.text = node.text() + " prints '" + text + "'";
    expectation.form = PrintedExpectation{selector.one_node(node), text};
  });
  return expectation;
}

}  // namespace

std::vector<Workload> read_workload(const Field& field, const NodeSelector& selector, Duration duration) {
  std::vector<Workload> streams;
  for (const Field& element : field.elements()) streams.push_back(read_stream(element, selector, duration));
  return streams;
}

std::vector<Expectation> read_expectations(const Field& field, const NodeSelector& selector,
                                           const MetricCatalogue& metrics) {
  std::vector<Expectation> expectations;
  for (const Field& element : field.elements()) expectations.push_back(read_expectation(element, selector, metrics));
  return expectations;
}

}  // namespace peerbed::scenarios
