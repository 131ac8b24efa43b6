#include "scenarios/record/run_recorder.h"

#include <algorithm>

#include "analysis/history/history_json.h"
#include "analysis/results/results_text.h"
#include "scenarios/plan/scenario_words.h"
#include "scenarios/plan/site_placement.h"
#include "scenarios/record/link_log.h"

namespace peerbed::scenarios {
namespace {

// Budgets for a whole run: nodes measured, and nodes shown in snapshots.
constexpr std::uint64_t nodes_measured = 4'000'000;
constexpr std::uint64_t most_measures = 1'000;
constexpr std::uint64_t nodes_in_snapshots = 12'000;
constexpr std::uint64_t fewest_snapshots = 10;
constexpr std::uint64_t most_snapshots = 100;

std::uint64_t divided_up(std::uint64_t number, std::uint64_t by) { return (number + by - 1) / by; }

std::uint64_t snapshots_of(std::size_t nodes) {
  const std::uint64_t shown = std::clamp<std::uint64_t>(nodes, 1, maximum_snapshot_nodes);
  return std::clamp(nodes_in_snapshots / shown, fewest_snapshots, most_snapshots);
}

}  // namespace

std::unique_ptr<ProtocolRecorder> ProtocolRun::recorder(Duration) const { return nullptr; }

RunRecorder::RunRecorder(const Scenario& scenario, std::optional<Duration> interval)
    : scenario_(scenario),
      interval_(interval.value_or(analysis::sensible_interval(scenario.duration))),
      meter_(scenario, interval_),
      sessions_(scenario.node_count()),
      marks_(interval_) {
  const auto looks = static_cast<std::uint64_t>(scenario.duration / interval_) + 1;
  looks_between_measures_ = std::max(
      {std::uint64_t{1}, divided_up(looks * scenario.node_count(), nodes_measured), divided_up(looks, most_measures)});
  looks_between_snapshots_ = divided_up(looks, snapshots_of(scenario.node_count()));
}

void RunRecorder::prepare(Backend& backend, const std::vector<ScheduledAction>& actions) {
  pictures_.plan(scenario_, actions, snapshots_of(scenario_.node_count()));
  std::vector<const ProtocolRun*> runs;
  for (const Group& group : scenario_.groups) {
    const ProtocolRun* run = &backend.run_of(group.plan.first);
    auto known = std::find(runs.begin(), runs.end(), run);
    if (known == runs.end()) {
      parts_.push_back(run->recorder(scenario_.duration));
      known = runs.insert(runs.end(), run);
    }
    part_of_group_.push_back(parts_[static_cast<std::size_t>(known - runs.begin())].get());
  }
}

ProtocolRecorder* RunRecorder::part_of(NodeIndex node) const noexcept {
  if (parts_.size() == 1) return parts_.front().get();
  return part_of_group_[static_cast<std::size_t>(&scenario_.group_of(node) - scenario_.groups.data())];
}

void RunRecorder::look(const Backend& backend, Duration now) {
  bool is_wanted = pictures_.take(now);
  if (now >= since_ + interval_) {
    end_interval(backend, now, false);
    is_wanted = ++looks_ % looks_between_snapshots_ == 0 || is_wanted;
  }
  // The picture before a fault, which comes next, has a time of its own.
  if (is_wanted) take_snapshot(backend, pictures_.is_fault(now) ? now - Duration{1} : now);
}

void RunRecorder::acted(const Backend& backend, Duration at) {
  if (pictures_.is_fault(at)) take_snapshot(backend, at);
}

void RunRecorder::end(const Backend& backend, Duration now) {
  if (now > since_) end_interval(backend, now, true);
  take_snapshot(backend, now);
}

void RunRecorder::end_interval(const Backend& backend, Duration now, bool is_last) {
  analysis::Metrics totals;
  backend.measure(totals);
  meter_.set("nodes.up", static_cast<double>(sessions_.up()), "count");
  if (is_last || (looks_ + 1) % looks_between_measures_ == 0) {
    for (const auto& part : parts_)
      if (part != nullptr) part->measure(backend, now - measured_, meter_);
    measured_ = now;
  }
  meter_.end_interval(totals);
  since_ = now;
  now_ = now;
}

void RunRecorder::take_snapshot(const Backend& backend, Duration now) {
  for (const auto& part : parts_)
    if (part != nullptr) part->take_snapshot(backend, now);
}

void RunRecorder::on_step(const Step& step) {
  const bool is_common = step.kind == StepKind::datagram || step.kind == StepKind::timer;
  if (!is_common) sessions_.note(step);
  if (ProtocolRecorder* part = part_of(step.destination)) part->on_step(step);
}

void RunRecorder::on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) {
  meter_.note_trace(node, type, values);
  if (ProtocolRecorder* part = part_of(node)) part->on_trace(time, node, type, values);
}

void RunRecorder::on_line(Time time, NodeIndex node, std::string_view line) {
  if (ProtocolRecorder* part = part_of(node)) part->on_line(time, node, line);
}

void RunRecorder::on_exit(Time time, NodeIndex node) {
  sessions_.note_exit(time, node);
  if (ProtocolRecorder* part = part_of(node)) part->on_exit(time, node);
}

std::string RunRecorder::json() const {
  std::string text;
  analysis::JsonText out(text);
  out.open_object().key("format").number(1);
  out.key("interval").seconds(interval_).key("seconds").seconds(now_);
  write_cast(out);
  write_network(out);
  sessions_.write(time_zero + now_, out);
  marks_.write(out);
  if (history_) {
    out.key("history");
    analysis::write_history(*history_, out);
  }
  for (const auto& part : parts_) {
    if (part == nullptr) continue;
    out.key(part->name());
    part->write(out);
  }
  out.close_object();
  return text + "\n";
}

// Where links of a topology have rates: its sites and links, and where the nodes are.
void RunRecorder::write_network(analysis::JsonText& out) const {
  const NetworkPlan& network = scenario_.network;
  if (network.backbone.empty()) return;
  const auto names = network.path.latency->site_names();
  out.key("network").open_object().key("sites").open_list();
  for (std::size_t site = 0; site < network.locations.size(); ++site) {
    out.open_object().key("name").text(names.empty() ? std::to_string(site) : names[site]);
    if (const auto& location = network.locations[site])
      out.key("latitude").number(location->latitude).key("longitude").number(location->longitude);
    out.close_object();
  }
  out.close_list().key("links").open_list();
  for (std::size_t index = 0; index < network.backbone.links().size(); ++index) {
    const sim::BackboneLink& link = network.backbone.links()[index];
    out.open_object().key("from").number(link.from).key("to").number(link.to);
    out.key("name").text(link_name(scenario_, index)).close_object();
  }
  out.close_list().key("node_sites").open_list();
  const SitePlacement placement(scenario_);
  for (const Group& group : scenario_.groups)
    for (std::size_t i = 0; i < group.plan.count && group.plan.first + i < maximum_snapshot_nodes; ++i)
      out.number(placement.site_of(group, i));
  out.close_list().close_object();
}

void RunRecorder::write_cast(analysis::JsonText& out) const {
  if (!scenario_.description.empty()) out.key("description").text(scenario_.description);
  out.key("words").open_list();
  for (const std::string& sentence : words_of(scenario_)) out.text(sentence);
  out.close_list().key("groups").open_list();
  for (const Group& group : scenario_.groups) {
    out.open_object().key("name").text(group.plan.name).key("protocol").text(group.protocol->name());
    out.key("first").number(group.plan.first).key("count").number(group.plan.count).close_object();
  }
  out.close_list();
  const std::size_t all = scenario_.node_count();
  const std::size_t named = std::min<std::size_t>(all, maximum_snapshot_nodes);
  out.key("nodes").open_list();
  for (NodeIndex node = 0; node < named; ++node) out.text(scenario_.name_of(node));
  out.close_list();
  if (named < all) out.thinned("nodes", named, all, "the first ones");
  const std::size_t sites = site_count(scenario_.network);
  if (sites == 0) return;
  const SitePlacement placement(scenario_);
  out.key("sites").open_list();
  for (NodeIndex node = 0; node < named; ++node) out.text(label_of_site(scenario_.network, placement.site_of(node)));
  out.close_list();
}

std::string RunRecorder::nodes_csv() const {
  const SitePlacement placement(scenario_);
  const bool has_sites = site_count(scenario_.network) > 0;
  std::string csv = "node,name,group,site\n";
  for (NodeIndex node = 0; node < scenario_.node_count(); ++node) {
    csv.append(std::to_string(node)).append(",").append(analysis::csv_field(scenario_.name_of(node))).append(",");
    csv.append(analysis::csv_field(scenario_.group_of(node).plan.name)).append(",");
    if (has_sites) csv.append(analysis::csv_field(label_of_site(scenario_.network, placement.site_of(node))));
    csv.append("\n");
  }
  return csv;
}

}  // namespace peerbed::scenarios
