#include "scenarios/record/link_log.h"

#include <algorithm>
#include <tuple>

namespace peerbed::scenarios {
namespace {

// Rows in a single interval, if each link that can have one does.
std::size_t links_of(const Scenario& scenario) {
  std::size_t links = scenario.network.backbone.links().size();
  for (const Group& group : scenario.groups) links += group.plan.count * (group.downlink ? 2 : 1);
  return std::max<std::size_t>(links, 1);
}

std::uint64_t between(std::uint64_t from, std::uint64_t to, Duration passed, Duration length) {
  __extension__ using Wide = __int128;
  const Wide change = static_cast<Wide>(to) - static_cast<Wide>(from);
  return from + static_cast<std::uint64_t>(change * passed.count() / length.count());
}

}  // namespace

std::string link_name(const Scenario& scenario, std::size_t index) {
  const auto links = scenario.network.backbone.links();
  const auto names = scenario.network.path.latency->site_names();
  const auto site = [&names](sim::SiteIndex at) { return names.empty() ? std::to_string(at) : names[at]; };
  const sim::BackboneLink& link = links[index];
  std::size_t number = 1;
  for (std::size_t before = index; before > 0 && links[before - 1].from == link.from; --before)
    if (links[before - 1].to == link.to) ++number;
  return site(link.from) + " -> " + site(link.to) + (number > 1 ? " #" + std::to_string(number) : "");
}

LinkLog::LinkLog(const Scenario& scenario, Duration interval) : scenario_(scenario), interval_(interval) {
  const std::size_t most = std::max<std::size_t>(maximum_rows / links_of(scenario), 1);
  const auto intervals = static_cast<std::size_t>(scenario.duration / interval) + 1;
  interval_ *= static_cast<std::int64_t>((intervals + most - 1) / most);
}

std::uint64_t LinkLog::position_of(const sim::LinkName& name) const noexcept {
  if (name.place == sim::LinkPlace::backbone) return 2 * std::uint64_t{scenario_.node_count()} + name.index;
  return 2 * std::uint64_t{name.index} + (name.place == sim::LinkPlace::downlink ? 1 : 0);
}

std::string LinkLog::name_of(std::uint64_t position) const {
  const std::uint64_t hosts = scenario_.node_count();
  if (position < 2 * hosts)
    return scenario_.name_of(static_cast<NodeIndex>(position / 2)) + (position % 2 == 0 ? " up" : " down");
  return link_name(scenario_, position - 2 * hosts);
}

// Adds the time up to `to`, within the current interval.
void LinkLog::advance(State& state, Time to) const {
  if (to <= state.now) return;
  state.busy += std::max(std::min(to, state.free_at) - state.now, Duration::zero());
  if (state.is_stepped) {
    state.occupancy.add(state.level, state.level, to - state.now);
    state.now = to;
    return;
  }
  if (state.now < state.ramp_end) {
    const Time end = std::min(to, state.ramp_end);
    const std::uint64_t level = between(state.level, state.target, end - state.now, state.ramp_end - state.now);
    state.occupancy.add(state.level, level, end - state.now);
    state.level = level;
    state.now = end;
  }
  if (state.now < std::min(to, state.free_at)) {
    const Time end = std::min(to, state.free_at);
    const std::uint64_t level = between(state.level, 0, end - state.now, state.free_at - state.now);
    state.occupancy.add(state.level, level, end - state.now);
    state.level = level;
  }
  if (to >= state.free_at && to >= state.ramp_end) state.level = 0;
  state.now = to;
}

void LinkLog::end_interval(std::uint64_t position, State& state, Time end) {
  advance(state, end);
  const Duration length = end - begin_of(state.interval);
  analysis::LinkRow& row = state.row;
  const bool is_used = row.rate > 0 && (row.packets > 0 || state.busy > Duration::zero());
  if (is_used || row.dropped() > 0) {
    const auto whole = static_cast<double>(std::max(length, Duration{1}).count());
    row.utilisation = static_cast<double>(state.busy.count()) / whole;
    row.queue_p50 = state.occupancy.percentile(0.5, length);
    row.queue_p90 = state.occupancy.percentile(0.9, length);
    row.queue_p99 = state.occupancy.percentile(0.99, length);
    row.queue_max = state.occupancy.maximum();
    rows_.push_back({state.interval, position, row});
  }
  ++state.interval;
  state.busy = {};
  state.occupancy = {};
  analysis::LinkRow next;
  next.rate = row.rate;
  next.queue = row.queue;
  row = next;
}

LinkLog::State& LinkLog::state_at(std::uint64_t position, Time at) {
  State& state = states_[position];
  const Duration latest = std::min(at.time_since_epoch(), scenario_.duration - Duration{1});
  const std::int64_t interval = latest / interval_;
  // While nothing waits, there is nothing to record.
  while (state.interval < interval) {
    if (begin_of(state.interval) >= std::max(state.free_at, state.ramp_end) && state.row.packets == 0 &&
        state.row.dropped() == 0) {
      state.interval = interval;
      state.now = begin_of(interval);
      state.level = 0;
      break;
    }
    end_interval(position, state, begin_of(state.interval + 1));
  }
  return state;
}

void LinkLog::on_arrival(const sim::LinkName& name, const sim::LinkState& link, const sim::LinkArrival& arrival) {
  State& state = state_at(position_of(name), arrival.first);
  advance(state, arrival.first);
  state.row.rate = link.rate;
  state.row.queue = link.queue;
  state.row.packets += arrival.packets;
  state.row.bytes += arrival.bytes;
  state.row.dropped_queue += arrival.dropped;
  if (state.row.rate == 0) return;
  // A change of the rate leaves what is queued as it was decided, so a level may end above the queue's size.
  state.free_at = link.free_at;
  state.target = std::min(link.queued, std::max(state.row.queue, arrival.bytes));
  state.ramp_end = arrival.last;
  if (arrival.last <= state.now) state.level = state.target;
  state.occupancy.add(state.level, state.level, {});
}

void LinkLog::on_turn(const sim::LinkName& name, const sim::LinkLimit& limit, const sim::QueueTurn& turn) {
  State& state = state_at(position_of(name), turn.now);
  advance(state, turn.now);
  state.is_stepped = true;
  state.row.rate = limit.rate.bits_per_second;
  state.row.queue = limit.queue_bytes;
  state.row.packets += turn.packets;
  state.row.bytes += turn.sent;
  state.row.dropped_queue += turn.dropped;
  state.free_at = turn.free_at;
  state.level = turn.level;
  state.occupancy.add(state.level, state.level, {});
}

void LinkLog::on_wire_loss(const sim::LinkName& name, Time at, std::uint32_t packets) {
  state_at(position_of(name), at).row.dropped_loss += packets;
}

void LinkLog::on_path_drop(NodeIndex source, Time sent, sim::PathDrop cause, std::uint32_t packets) {
  State& state = state_at(position_of({sim::LinkPlace::uplink, source}), sent);
  (cause == sim::PathDrop::loss ? state.row.dropped_loss : state.row.dropped_partition) += packets;
}

analysis::LinkTable LinkLog::finish(Time end) {
  for (auto& [position, state] : states_) {
    state_at(position, end);
    end_interval(position, state, end);
  }
  if (rows_.size() > maximum_rows) {
    std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
      return std::tuple(b.row.dropped(), b.row.bytes, a.link) < std::tuple(a.row.dropped(), a.row.bytes, b.link);
    });
    rows_.resize(maximum_rows);
  }
  std::sort(rows_.begin(), rows_.end(),
            [](const Row& a, const Row& b) { return std::pair(a.interval, a.link) < std::pair(b.interval, b.link); });
  analysis::LinkTable table;
  for (Row& each : rows_) {
    each.row.link = name_of(each.link);
    each.row.seconds = static_cast<double>(each.interval * interval_.count()) / 1e9;
    table.push_back(std::move(each.row));
  }
  return table;
}

}  // namespace peerbed::scenarios
