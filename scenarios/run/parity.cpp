#include "scenarios/run/parity.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "analysis/results/json_document.h"

namespace peerbed::scenarios {
namespace {

enum class Rule : std::uint8_t { equal, within, latency, count, total, ignore };

// Compares metrics by the beginning and the end of their names; the first match counts.
struct Comparable {
  std::string_view begin;
  std::string_view end;
  Rule rule;
};
constexpr Comparable comparables[] = {
    {"download_seconds", "", Rule::within},
    {"distribution_seconds", "", Rule::within},
    {"speedup", "", Rule::within},
    {"efficiency", "", Rule::within},
    {"downloads.", "", Rule::equal},
    {"workload.commands", "", Rule::equal},
    {"nodes.", "", Rule::equal},
    {"ring.members", "", Rule::equal},
    {"ring.acknowledged_values", "", Rule::equal},
    {"", ".hops.mean", Rule::equal},
    {"", ".hops.max", Rule::equal},
    {"", ".success.share", Rule::equal},
    {"", ".done.count", Rule::equal},
    {"", ".latency.mean", Rule::latency},
    {"", ".latency.p50", Rule::latency},
    {"message.", ".count", Rule::count},
    {"message.", ".bytes", Rule::ignore},
    {"messages.sent", "", Rule::total},
    {"messages.bytes", "", Rule::total},
    {"streams.bytes", "", Rule::within},
};

Rule rule_for(std::string_view metric) {
  for (const Comparable& each : comparables)
    if (metric.starts_with(each.begin) && metric.ends_with(each.end)) return each.rule;
  return Rule::ignore;
}

ParityRow judged(const std::string& name, analysis::Metric simulated, analysis::Metric real, Rule rule,
                 const ParityOptions& options) {
  ParityRow row{name, simulated, real, std::nullopt, true};
  const double gap = std::fabs(real.value - simulated.value);
  if (rule == Rule::count && std::max(simulated.value, real.value) < static_cast<double>(options.few)) return row;
  row.tolerance = rule == Rule::equal ? 0 : options.within;
  double allowed = *row.tolerance * std::fabs(simulated.value);
  if (rule == Rule::latency) allowed += static_cast<double>(options.machine_time.count());
  row.agrees = gap <= allowed;
  return row;
}

// Whether a metric has too few samples to be judged: operations behind a latency, or messages in total.
bool is_rare(const std::string& name, Rule rule, const analysis::Metrics& metrics, double few) {
  if (rule != Rule::latency && rule != Rule::total) return false;
  const bool is_latency = rule == Rule::latency;
  const auto count =
      metrics.find(is_latency ? name.substr(0, name.find(".latency.")) + ".count" : std::string("messages.sent"));
  return !count || count->value < (is_latency ? few : 10 * few);
}

}  // namespace

double ParityRow::difference() const noexcept {
  if (real.value == simulated.value) return 0;
  return simulated.value == 0 ? 1 : real.value / simulated.value - 1;
}

void HopJournal::on_trace(Time, NodeIndex node, std::uint16_t type, const TraceValues& values) {
  const auto types = scenario_.group_of(node).protocol->trace_events();
  if (type >= types.size()) return;
  for (std::size_t field = 0; field < types[type].field_count(); ++field)
    if (types[type].fields[field].name == "hops") hops_[{std::string(types[type].name), node}].push_back(values[field]);
}

std::size_t HopJournal::count() const noexcept {
  std::size_t count = 0;
  for (const auto& [key, hops] : hops_) count += hops.size();
  return count;
}

std::size_t differing_hops(const HopJournal& one, const HopJournal& other) {
  std::size_t differing = 0;
  const auto compare = [&differing](std::vector<std::uint64_t> mine, std::vector<std::uint64_t> theirs) {
    std::sort(mine.begin(), mine.end());
    std::sort(theirs.begin(), theirs.end());
    std::vector<std::uint64_t> common;
    std::set_intersection(mine.begin(), mine.end(), theirs.begin(), theirs.end(), std::back_inserter(common));
    differing += std::max(mine.size(), theirs.size()) - common.size();
  };
  static const std::vector<std::uint64_t> none;
  for (const auto& [key, hops] : one.hops()) {
    const auto found = other.hops().find(key);
    compare(hops, found == other.hops().end() ? none : found->second);
  }
  for (const auto& [key, hops] : other.hops())
    if (!one.hops().contains(key)) compare(none, hops);
  return differing;
}

bool ParityReport::agrees() const noexcept {
  return differing_hops == 0 && expectations.empty() &&
         std::all_of(rows.begin(), rows.end(), [](const ParityRow& row) { return row.agrees; });
}

ParityReport compare_worlds(const RunResult& simulated, const RunResult& real, const ParityOptions& options) {
  ParityReport report;
  for (const auto& [name, metric] : simulated.metrics.all()) {
    const Rule rule = rule_for(name);
    if (rule == Rule::ignore) continue;
    // Rare operations took as long as the machine happened to be busy.
    if (is_rare(name, rule, simulated.metrics, static_cast<double>(options.few))) continue;
    if (const auto other = real.metrics.find(name))
      report.rows.push_back(judged(name, metric, *other, rule, options));
    else if (rule != Rule::count && metric.value != 0)
      report.rows.push_back({name, metric, {0, metric.unit}, 0, false});
  }
  for (std::size_t i = 0; i < std::min(simulated.expectations.size(), real.expectations.size()); ++i)
    if (simulated.expectations[i].held != real.expectations[i].held)
      report.expectations.push_back(simulated.expectations[i].text + (real.expectations[i].held
                                                                          ? ": passed only over sockets"
                                                                          : ": passed only in the simulation"));
  return report;
}

std::string parity_json(const RunResult& simulated, const RunResult& real, const ParityReport& report) {
  analysis::Json json;
  json["scenario"] = simulated.scenario;
  json["seed"] = simulated.seed;
  json["agrees"] = report.agrees();
  json["operations"] = report.operations;
  json["differing_hops"] = report.differing_hops;
  json["expectations"] = report.expectations;
  json["remarks"] = real.remarks;
  for (const ParityRow& row : report.rows) {
    auto& entry = json["metrics"][row.metric];
    entry = {{"simulated", row.simulated.value},
             {"sockets", row.real.value},
             {"difference", row.difference()},
             {"agrees", row.agrees}};
    if (row.tolerance) entry["within"] = *row.tolerance;
  }
  return analysis::json_page(json);
}

}  // namespace peerbed::scenarios
