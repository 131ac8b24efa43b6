#include "scenarios/backends/simulated_backend.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "scenarios/backends/message_tally.h"

namespace peerbed::scenarios {
namespace {

// Of worlds in which a stream was opened.
void measure_streams(const sim::StreamCounters& counters, analysis::Metrics& metrics) {
  if (counters.opened == 0) return;
  metrics.set("streams.opened", counters.opened);
  metrics.set("streams.reset", counters.reset, Unit::count, Better::less);
  metrics.set("streams.segments", counters.segments);
  metrics.set("streams.acknowledgements", counters.acknowledgements);
  metrics.set("streams.packets", counters.packets);
  metrics.set("streams.packets_again", counters.packets_again, Unit::count, Better::less);
  metrics.set("streams.packets_lost", counters.packets_lost + counters.packets_cut);
  metrics.set("streams.packets_overflowed", counters.packets_overflowed);
  if (counters.packets_marked > 0) metrics.set("streams.packets_marked", counters.packets_marked);
  metrics.set("streams.timeouts", counters.timeouts, Unit::count, Better::less);
  metrics.set("streams.bytes", counters.payload_bytes, Unit::bytes);
}

// Content as extents, which are compared without being made.
class SimulatedBytes final : public StoredBytes {
 public:
  explicit SimulatedBytes(const sim::Content* content) : content_(content) {}

  std::uint64_t size() const override { return content_ == nullptr ? 0 : content_->size(); }
  std::uint64_t right_until(std::uint64_t seed, std::uint64_t begin, std::uint64_t end) const override {
    std::uint64_t reached = begin;
    if (content_ == nullptr) return reached;
    for (const sim::Content::Placed& placed : content_->placed()) {
      if (placed.end() <= reached) continue;
      if (placed.begin > reached || reached >= end || !is_right(placed, seed)) break;
      reached = placed.end();
    }
    return std::min(reached, end);
  }

 private:
  static bool is_right(const sim::Content::Placed& placed, std::uint64_t seed) {
    const sim::Extent& extent = placed.extent;
    return extent.literal == nullptr && extent.seed == seed && extent.damage == 0 && extent.offset == placed.begin;
  }

  const sim::Content* content_;
};

}  // namespace

SimulatedBackend::SimulatedBackend(const Scenario& scenario, sim::EventQueueKind queue, std::size_t threads,
                                   std::function<void(const std::string& why)> on_one_thread)
    : Backend(scenario),
      world_(populated(queue, threads)),
      network_setup_(scenario, world_.network()),
      threads_(threads),
      on_one_thread_(std::move(on_one_thread)) {
  for (const Group& group : scenario.groups)
    if (group.storage != sim::DiskModel{})
      for (std::size_t i = 0; i < group.plan.count; ++i)
        world_.set_disk(group.plan.first + static_cast<NodeIndex>(i), group.storage);
}

bool SimulatedBackend::uses_threads() {
  if (threads_ == 1) return false;
  const std::string why = scenario().checks_changes ? "properties are checked after every change"  // of a single node
                                                    : world_.why_on_one_thread();
  if (!why.empty() && on_one_thread_) std::exchange(on_one_thread_, nullptr)(why);
  return why.empty();
}

bool SimulatedBackend::run_until(Time end, std::uint64_t limit) {
  if (!uses_threads()) return world_.run_until(end, limit);
  // As long as the same number of events took the last time, and not much longer than that.
  const std::uint64_t most = last_events_ == 0 ? 8 : std::min<std::uint64_t>(limit / last_events_, 8);
  const Duration span = most > 0
                            ? last_span_ * static_cast<std::int64_t>(most)
                            : last_span_ / static_cast<std::int64_t>(last_events_ / std::max<std::uint64_t>(limit, 1));
  const Time begin = world_.now();
  const Time stop = end - begin <= span ? end : begin + std::max(span, Duration(1));
  const std::uint64_t before = events();
  world_.run_until(stop);
  if (stop > begin) last_span_ = stop - begin;
  last_events_ = events() - before;
  return stop == end;
}

sim::World SimulatedBackend::populated(sim::EventQueueKind queue, std::size_t threads) const {
  sim::World world(sim::WorldOptions{.seed = scenario().seed,
                                     .queue = queue,
                                     .streams = scenario().network.streams,
                                     .family = scenario().network.family,
                                     .threads = threads});
  for (std::size_t group = 0; group < scenario().groups.size(); ++group) population_of_group(group).enter(world);
  return world;
}

void SimulatedBackend::measure(analysis::Metrics& metrics) const {
  MessageTally messages;
  for (const Group& group : scenario().groups) messages.add(*group.protocol, world_.sent_by_kind(group.plan.first));
  messages.write_to(metrics);
  const sim::WorldCounters& counters = world_.counters();
  metrics.set("messages.sent", counters.sent.datagrams, Unit::count, Better::less);
  metrics.set("messages.delivered", counters.delivered.datagrams);
  metrics.set("messages.bytes", counters.sent.bytes, Unit::bytes, Better::less);
  metrics.set("messages.lost", counters.dropped_loss);
  metrics.set("messages.dropped_queue", counters.dropped_queue, Unit::count, Better::less);
  metrics.set("messages.dropped_partition", counters.dropped_partition);
  metrics.set("messages.dropped_down", counters.dropped_down);
  measure_gateways(metrics);
  metrics.set("messages.dropped_buffer", counters.dropped_buffer);
  metrics.set("messages.duplicated", counters.duplicated);
  metrics.set("messages.reordered", counters.reordered);
  metrics.set("messages.corrupted", counters.corrupted);
  metrics.set("events", counters.events);
  if (const auto& traffic = network_setup_.cross_traffic()) {
    metrics.set("cross_traffic.bytes", traffic->bytes, Unit::bytes);
    metrics.set("cross_traffic.excess", traffic->excess, Unit::bytes, Better::less);
  }
  measure_streams(world_.stream_counters(), metrics);
}

// Of worlds with NATs or firewalls.
void SimulatedBackend::measure_gateways(analysis::Metrics& metrics) const {
  const sim::Gateways& gateways = world_.network().gateways();
  if (gateways.empty()) return;
  metrics.set("messages.dropped_gateway", world_.counters().dropped_gateway);
  metrics.set("streams.packets_refused", world_.stream_counters().packets_refused);
  double running = 0;
  double open = 0;
  for (NodeIndex node = 0; node < world_.size(); ++node) {
    if (world_.status(node) == sim::HostStatus::down) continue;
    ++running;
    open += gateways.is_open(node, world_.now()) ? 1 : 0;
  }
  if (running > 0) metrics.set("hosts.open.share", open / running, Unit::flag);
}

std::unique_ptr<StoredBytes> SimulatedBackend::stored(NodeIndex node, ContentKey key) const {
  const sim::ContentStore* store = world_.stored(node);
  if (store == nullptr) return nullptr;
  const auto found = store->contents.find(key);
  return std::make_unique<SimulatedBytes>(found == store->contents.end() ? nullptr : &found->second.content);
}

std::size_t SimulatedBackend::change_surroundings(const Action& action) {
  if (const auto* clock = std::get_if<SetClock>(&action)) {
    for (const NodeIndex node : clock->nodes) world_.set_clock(node, clock->offset, clock->drift_ppb);
    return clock->nodes.size();
  }
  if (const auto* lie = std::get_if<Lie>(&action)) {
    for (const NodeIndex node : lie->nodes) world_.set_lying(node, lie->probability);
    return lie->nodes.size();
  }
  if (const auto* disks = std::get_if<ChangeStorage>(&action)) {
    for (const NodeIndex node : disks->nodes) {
      const sim::DiskModel present = disks->restore ? scenario().group_of(node).storage : world_.disk(node);
      world_.set_disk(node, disks->change.applied_to(present));
    }
    return disks->nodes.size();
  }
  return network_setup_.apply(action, world_.now());
}

}  // namespace peerbed::scenarios
