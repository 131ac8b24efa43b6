#include <array>

#include "scenarios/command_template.h"
#include "scenarios/load.h"
#include "scenarios/units.h"

namespace peerbed::scenarios {
namespace {

Workload read_stream(const Field& field, const Cast& cast, Duration duration) {
  Workload workload;
  workload.until = duration;
  field.map([&](MapReader& map) {
    const auto node = map.find("node");
    const auto nodes = map.find("nodes");
    if (node && nodes) nodes->fail("name either one `node` or several `nodes`, not both");
    workload.nodes = node ? Nodes{cast.one_node(*node)} : nodes ? cast.nodes(*nodes) : cast.everyone();
    const Field line = map.require("do");
    workload.line = line.text();
    if (const std::string fault = fault_of_template(workload.line); !fault.empty()) line.fail(fault);
    const auto at = map.find("at");
    const auto from = map.find("from");
    const auto until = map.find("until");
    const auto rate = map.find("rate");
    const auto every = map.find("every");
    if (const auto times = map.find("times")) workload.times = times->count(1, UINT64_MAX);
    if (at) {
      workload.from = at->duration();
      if (from || until || rate || every) at->fail("`at` means once; leave out from, until, rate and every");
    } else {
      if (rate.has_value() == every.has_value())
        field.fail("say when: `at: 30s` for once, `every: 1s` for a steady stream, or `rate: 10/s` for a random one");
      workload.poisson = rate.has_value();
      workload.period = rate ? rate->frequency() : every->positive_duration();
      if (workload.period == Duration::zero()) field.fail("this is too frequent; more than 1ns must lie between");
      if (from) workload.from = from->duration();
      if (until) workload.until = until->duration();
    }
    if (workload.from >= duration) field.fail("this begins after the run has ended");
    if (workload.until < workload.from) until->fail("this ends before it begins");
  });
  return workload;
}

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

// The value with the units that it can be meant in; a plain number fits what is counted or has no unit.
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

Expectation read_expectation(const Field& field, const Cast& cast) {
  if (field.is_scalar()) return {field.text(), read_metric_expectation(field.text(), field)};
  Expectation expectation;
  field.map([&](MapReader& map) {
    const Field node = map.require("node");
    const std::string text = map.require("prints").text();
    expectation.text = node.text() + " prints '" + text + "'";
    expectation.form = PrintedExpectation{cast.one_node(node), text};
  });
  return expectation;
}

}  // namespace

std::vector<Workload> read_workload(const Field& field, const Cast& cast, Duration duration) {
  std::vector<Workload> streams;
  for (const Field& element : field.elements()) streams.push_back(read_stream(element, cast, duration));
  return streams;
}

std::vector<Expectation> read_expectations(const Field& field, const Cast& cast) {
  std::vector<Expectation> expectations;
  for (const Field& element : field.elements()) expectations.push_back(read_expectation(element, cast));
  return expectations;
}

}  // namespace peerbed::scenarios
