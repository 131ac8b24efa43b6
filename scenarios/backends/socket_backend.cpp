#include "scenarios/backends/socket_backend.h"

#include <algorithm>
#include <map>

#include "scenarios/backends/message_tally.h"
#include "scenarios/backends/on_sockets.h"

namespace peerbed::scenarios {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration asked_again_after = std::chrono::milliseconds(100);
constexpr Duration preparation = std::chrono::milliseconds(50);  // and for each node:
constexpr Duration preparation_of_node = std::chrono::microseconds(500);

std::vector<NodeIndex> nodes_here(const Scenario& scenario, const SocketOptions& options) {
  if (options.only) return {*options.only};
  std::vector<NodeIndex> nodes(scenario.node_count());
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = static_cast<NodeIndex>(i);
  return nodes;
}

}  // namespace

SocketBackend::SocketBackend(const Scenario& scenario, const SocketOptions& options)
    : Backend(scenario),
      nodes_(nodes_here(scenario, options)),
      disks_(options.disks ? DiskFolder(*options.disks) : DiskFolder()),
      network_(scenario, nodes_, options.rates),
      processes_(scenario.node_count()) {
  if (!options.only) {
    refuse_what_sockets_lack(scenario, uses_streams(), Hosting::in_process);
    allow_descriptors(nodes_.size());
  }
  // Disks first: to fill them may take a while, and time begins with the host.
  if (!options.only)
    for (const NodeIndex node : nodes_) disks_.give(node, population_of(node).files());
  const auto soon = Clock::now() + preparation + preparation_of_node * static_cast<std::int64_t>(nodes_.size());
  adapter::HostOptions how{.seed = scenario.seed, .epoch = options.epoch.value_or(soon)};
  how.limits.address_validation = false;  // all are of one experiment, as in the simulation
  host_ = std::make_unique<adapter::Host>(how);
  host_->observe(this);
  host_->impose(&network_);
  for (const NodeIndex node : nodes_) {
    adapter::NodeOptions node_options;
    node_options.listen = adapter::Endpoint::of(scenario.group_of(node).plan.address_of(node)).value();
    node_options.number = node;
    node_options.content.directory = disks_.of(node);
    processes_[node] = &population_of(node).enter(*host_, node_options, node, options.incarnation);
  }
}

SocketBackend::~SocketBackend() = default;

// Nothing happens after the end, though the clock goes on.
Time SocketBackend::now() const { return ended_ ? last_ : std::max(host_->now(), time_zero); }

bool SocketBackend::run_until(Time end, std::uint64_t) {
  const Duration left = end - host_->now();
  host_->run_for(std::min(left, asked_again_after));
  if (left > asked_again_after) return false;
  last_ = end;
  latest_ = std::max<Duration>(latest_, host_->now() - end);
  return true;
}

bool SocketBackend::is_up(NodeIndex node) const {
  return processes_[node] != nullptr && processes_[node]->is_running();
}

std::unique_ptr<StoredBytes> SocketBackend::stored(NodeIndex node, ContentKey key) const {
  // To read a disk takes the machine's time from the nodes.
  return ended_ ? disks_.stored(node, key) : nullptr;
}

const void* SocketBackend::state(NodeIndex node, const std::type_info& type) const {
  return population_of(node).state(*processes_[node], type);
}

// ---------------------------------------------------------------------------------------------------------------------
// From outside

bool SocketBackend::start_node(NodeIndex node) {
  if (is_up(node)) return false;
  show(observer_, node, StepKind::start);
  return processes_[node]->start();
}

bool SocketBackend::crash_node(NodeIndex node, Disk disk) {
  const bool was_up = is_up(node);
  if (was_up) show(observer_, node, StepKind::crash);
  processes_[node]->crash();
  if (disk == Disk::wipe) disks_.wipe(node);
  return was_up;
}

bool SocketBackend::ask_to_leave(NodeIndex node) {
  if (!is_up(node)) return false;
  show(observer_, node, StepKind::leave);
  return processes_[node]->leave();
}

bool SocketBackend::command(NodeIndex node, std::string_view line) {
  if (!is_up(node)) return false;
  show(observer_, node, StepKind::command, line);
  return processes_[node]->command(line);
}

// ---------------------------------------------------------------------------------------------------------------------
// What the nodes tell

void SocketBackend::on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) {
  if (observer_ != nullptr && !ended_) observer_->on_trace(time, nodes_[node], type, values);
}

void SocketBackend::on_line(Time time, NodeIndex node, std::string_view line) {
  if (observer_ != nullptr && !ended_) observer_->on_line(time, nodes_[node], line);
}

void SocketBackend::on_exit(Time time, NodeIndex node) {
  if (observer_ != nullptr && !ended_) observer_->on_exit(time, nodes_[node]);
}

std::vector<std::string> SocketBackend::remarks() const {
  return who_imposes_what(scenario(), uses_streams(), RateKeeper::host);
}

std::vector<NodeTraffic> SocketBackend::traffic() const {
  std::vector<NodeTraffic> traffic(scenario().groups.size());
  for (const NodeIndex node : nodes_) {
    const auto sent = processes_[node]->sent_by_kind();
    NodeTraffic of_node;
    of_node.sent.assign(sent.begin(), sent.end());
    add(traffic[group_index(node)], of_node);
  }
  traffic.front().counters = host_->counters();
  traffic.front().fates = network_.fates();
  traffic.front().late = latest_;
  return traffic;
}

void SocketBackend::measure(analysis::Metrics& metrics) const { measure_traffic(scenario(), traffic(), metrics); }

void measure_traffic(const Scenario& scenario, const std::vector<NodeTraffic>& by_group, analysis::Metrics& metrics) {
  MessageTally messages;
  NodeTraffic all;
  for (std::size_t group = 0; group < by_group.size(); ++group) {
    add(all, by_group[group]);
    messages.add(*scenario.groups[group].protocol, by_group[group].sent);
  }
  messages.write_to(metrics);
  const adapter::HostCounters& counters = all.counters;
  metrics.set("messages.sent", counters.sent.datagrams);
  metrics.set("messages.delivered", counters.delivered.datagrams);
  metrics.set("messages.bytes", counters.sent.bytes, Unit::bytes);
  metrics.set("messages.lost", all.fates.lost);
  metrics.set("messages.dropped_queue", all.fates.dropped_queue);
  metrics.set("messages.dropped_partition", all.fates.dropped_partition);
  metrics.set("messages.dropped_down", counters.dropped_sending + counters.dropped_unknown);
  metrics.set("messages.dropped_buffer", counters.dropped_rate);
  metrics.set("messages.duplicated", all.fates.duplicated);
  metrics.set("messages.reordered", all.fates.reordered);
  metrics.set("messages.corrupted", all.fates.corrupted);
  metrics.set("events", counters.inputs);
  metrics.set("sockets.late.max", static_cast<double>(all.late.count()), Unit::nanoseconds);
  if (counters.streams_opened == 0) return;
  metrics.set("streams.opened", counters.streams_opened);
  metrics.set("streams.reset", counters.streams_reset);
  metrics.set("streams.bytes", counters.stream_bytes_received, Unit::bytes);
}

}  // namespace peerbed::scenarios
