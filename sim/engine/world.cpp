#include "sim/engine/world.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/engine/event_state.h"
#include "sim/engine/windows.h"

namespace peerbed::sim {

World::World(const WorldOptions& options) : commons_(options) {
  PEERBED_CONTRACT(options.threads >= 1 && options.threads <= maximum_lanes, "a world has from 1 to 64 threads");
  lanes_.emplace_back(options);
}

World::World(const World&) = default;
World::World(World&&) noexcept = default;
World& World::operator=(const World& other) { return *this = World(other); }
World& World::operator=(World&&) noexcept = default;
World::~World() = default;

void World::add_hosts(std::unique_ptr<NodeArray> population, std::size_t count) {
  divide(false);
  commons_.hosts.add(std::move(population), count);
  commons_.network.add_hosts(count);
  lanes_.front().sent.emplace_back();
}

// ---------------------------------------------------------------------------------------------------------------------
// Actions from outside

// What the handler sends reaches the other lanes now: while they stand, no outbox holds anything.
template <class Handler>
void World::run_handler(NodeIndex node, StepKind kind, Handler&& handler, Bytes bytes) {
  handler_of(node).run_handler(node, kind, std::forward<Handler>(handler), bytes);
  if (lanes_.size() == 1) return;
  for (Lane& lane : lanes_) receive(commons_, lanes_, lane, lane_of(node).parity);
}

bool World::start(NodeIndex node) {
  if (status(node) != HostStatus::down) return false;
  try {
    if (commons_.hosts[node].begun) commons_.hosts.population(node).remake(node);
  } catch (...) {
    throw_node_failure({.time = now(), .destination = node, .kind = StepKind::start, .bytes = {}});
  }
  commons_.hosts[node].begun = true;
  commons_.hosts[node].status = HostStatus::running;
  handler_of(node).record_external(node, StepKind::start);
  std::vector<ContentKey> stored;
  if (const HostDisk* disk = commons_.disks.find(node); disk != nullptr)
    for (const auto& [key, content] : disk->store.contents) stored.push_back(key);
  run_handler(node, StepKind::start, [&](NodeArray& population, Environment& environment) {
    population.start(node, environment, Start{stored});
  });
  return true;
}

bool World::crash(NodeIndex node, Disk disk) {
  const bool wipe = disk == Disk::wipe;
  if (status(node) == HostStatus::down && !(wipe && commons_.disks.has_content(node))) return false;
  const std::byte how = static_cast<std::byte>(disk);
  handler_of(node).record_external(node, StepKind::crash, {&how, 1});
  handler_of(node).stop_process(node);
  if (wipe) commons_.disks.wipe(node);
  return true;
}

bool World::leave(NodeIndex node) {
  if (status(node) != HostStatus::running) return false;
  handler_of(node).record_external(node, StepKind::leave);
  run_handler(node, StepKind::leave,
              [&](NodeArray& population, Environment& environment) { population.leave(node, environment); });
  return true;
}

bool World::pause(NodeIndex node) {
  if (status(node) != HostStatus::running) return false;
  handler_of(node).record_external(node, StepKind::pause);
  commons_.hosts[node].status = HostStatus::paused;
  return true;
}

bool World::resume(NodeIndex node) {
  if (status(node) != HostStatus::paused) return false;
  handler_of(node).record_external(node, StepKind::resume);
  commons_.hosts[node].status = HostStatus::running;
  handler_of(node).resume(node);
  return true;
}

bool World::command(NodeIndex node, std::string_view line) {
  if (status(node) != HostStatus::running) return false;
  handler_of(node).record_external(node, StepKind::command, std::as_bytes(std::span(line.data(), line.size())));
  run_handler(
      node, StepKind::command,
      [&](NodeArray& population, Environment& environment) { population.command(node, environment, line); },
      std::as_bytes(std::span(line.data(), line.size())));
  return true;
}

bool World::fire_timer(NodeIndex node, TimerId timer) {
  if (status(node) != HostStatus::running) return false;
  const std::span<const TimerSlot> timers = commons_.hosts.population(node).timers(node);
  PEERBED_CONTRACT(timer < timers.size(), "a timer is numbered below the node's timer_count");
  if (timers[timer].due == TimerSlot::unset) return false;
  handler_of(node).set_timer(node, timer, 0);
  return true;
}

void World::set_clock(NodeIndex node, Duration offset, std::int64_t drift_ppb) {
  commons_.clocks.set(node, now(), offset, drift_ppb);
  commons_.hosts[node].has_clock = true;
}

void World::set_lying(NodeIndex node, double probability) {
  commons_.liars.set(node, probability);
  commons_.hosts[node].lies = probability > 0;
}

void World::change_content(NodeIndex node, ContentKey key, std::uint64_t seed, std::uint64_t size) {
  PEERBED_CONTRACT(status(node) == HostStatus::running, "a node that is down hears of nothing");
  commons_.disks.replace(node, key, seed, size);
  handler_of(node).answer_content(node, lane_of(node).operations.announce_change(key, now()));
}

void World::set_disk(NodeIndex node, const DiskModel& model) {
  HostDisk& disk = commons_.disks.of(node);
  disk.model = model;
  commons_.hosts[node].slow_disk = disk.takes_time();
}

// ---------------------------------------------------------------------------------------------------------------------
// Time

// Into the lanes of the plan, or into one.
void World::divide(bool into_several) {
  const std::size_t lanes =
      into_several ? std::size_t{1} + *std::max_element(plan_.lane_of().begin(), plan_.lane_of().end()) : 1;
  if (lanes == lanes_.size()) return;
  const std::vector<LaneIndex> before =
      std::exchange(commons_.lane_of, into_several ? plan_.lane_of() : std::vector<LaneIndex>());
  if (into_several) commons_.disks.make_room(commons_.hosts.size());
  deal(commons_, lanes_, lanes, before);
}

void World::run_until(Time end) {
  if (commons_.options.threads == 1 || !why_on_one_thread().empty()) {
    run_until(end, UINT64_MAX);
    return;
  }
  PEERBED_CONTRACT(end >= now() && time_of(end) < TimingWheel::maximum_time, "time runs forward, within nine years");
  divide(true);
  Windows(commons_, lanes_, plan_.lookahead(), workers_).run_until(time_of(end), wakes_);
}

bool World::run_until(Time end, std::uint64_t limit) {
  PEERBED_CONTRACT(end >= now() && time_of(end) < TimingWheel::maximum_time, "time runs forward, within nine years");
  divide(false);
  Lane& lane = lanes_.front();
  lane.last_event = limit > UINT64_MAX - lane.counters.events ? UINT64_MAX : lane.counters.events + limit;
  if (!EventHandler(commons_, lane).run(time_of(end))) return false;
  lane.now = end;
  return true;
}

// ---------------------------------------------------------------------------------------------------------------------
// The whole state

std::size_t World::bytes_under_way() const noexcept {
  std::size_t bytes = 0;
  for (const Lane& lane : lanes_) bytes += lane.bytes();
  return bytes + (commons_.network.has_managed() ? commons_.network.managed().memory() : 0);
}

void World::for_each_under_way(const std::function<void(const Event&, Bytes)>& visit) const {
  for (const Lane& lane : lanes_) {
    const auto show = [&](const Event& event) {
      visit(event, event.kind() <= EventKind::datagram_at_link ? lane.datagrams.view(event) : Bytes());
    };
    lane.queue.for_each(show);
    lane.deferred.for_each(show);
    if (&lane == &lanes_.front())
      commons_.network.managed().for_each_packet([&](const QueuedPacket& packet) { show(packet.event); });
  }
}

// Each message and timer takes a number, and one event may cause several. So no node can be near the last number before
// a great many events have been handled.
NodeIndex World::exhausted_node() const noexcept {
  constexpr std::uint32_t nearly_all = UINT32_MAX - (1U << 28);
  if (counters().events < nearly_all / 64 && counters().sent.datagrams < nearly_all / 2) return no_node;
  return commons_.hosts.first_beyond(nearly_all);
}

std::uint64_t World::state_digest() const {
  TraceDigest digest;
  digest.words(std::array{static_cast<std::uint64_t>(time_of(now()))});
  commons_.hosts.append_state(digest);
  commons_.disks.append_state(digest);
  std::vector<std::vector<std::byte>> ends;
  for (const Lane& lane : lanes_) lane.streams.append_states(ends);
  std::sort(ends.begin(), ends.end());
  for (const std::vector<std::byte>& end : ends) digest.bytes(end);
  using Pending = std::pair<Event, const Lane*>;
  std::vector<Pending> pending;
  std::vector<Pending> deferred;
  for (const Lane& lane : lanes_) {
    lane.queue.for_each([&](const Event& event) {
      if (event.kind() != EventKind::timer) pending.emplace_back(event, &lane);  // a timer is in its slot already
    });
    lane.deferred.for_each([&](const Event& event) { deferred.emplace_back(event, &lane); });
  }
  std::sort(pending.begin(), pending.end(),
            [](const Pending& a, const Pending& b) { return precedes(a.first, b.first); });
  std::stable_sort(deferred.begin(), deferred.end(),
                   [](const Pending& a, const Pending& b) { return a.first.destination < b.first.destination; });
  const auto append = [&](const Event& event, const Lane& lane) {
    EventState(lane.datagrams, lane.operations, lane.streams).append(event, digest);
  };
  for (const auto& [event, lane] : pending) append(event, *lane);
  for (const auto& [event, lane] : deferred) append(event, *lane);
  commons_.network.managed().for_each_packet([&](const QueuedPacket& packet) { append(packet.event, lanes_.front()); });
  return digest.value();
}

}  // namespace peerbed::sim
