#include "sim/engine/lane_plan.h"

#include <algorithm>
#include <utility>

#include "protocols/environment/contract.h"
#include "sim/streams/stream_moves.h"

namespace peerbed::sim {

namespace {

// Below this, threads would do little but wait for each other.
constexpr Duration shortest_lookahead = std::chrono::microseconds(1);

std::vector<NodeIndex> first_hosts(const Hosts& hosts) {
  std::vector<NodeIndex> firsts;
  for (NodeIndex node = 0; node < hosts.size(); ++node)
    if (node == 0 || hosts[node].population != hosts[node - 1].population) firsts.push_back(node);
  return firsts;
}

std::vector<Streams*> streams_of(std::vector<Lane>& lanes) {
  std::vector<Streams*> all;
  for (Lane& lane : lanes) all.push_back(&lane.streams);
  return all;
}

}  // namespace

void LanePlan::update(const Commons& commons) {
  const Network& network = commons.network;
  if (commons.options.threads < 2) {
    obstacle_ = "no more were asked for";
    return;
  }
  if (changes_ != network.changes()) {
    const bool had_hosts = lane_of_.size() == commons.hosts.size();
    changes_ = network.changes();
    obstacle_ = obstacle_to_lanes(network);
    if (commons.hosts.size() < 2) obstacle_ = "there is one host";
    if (!obstacle_.empty()) return;
    if (!had_hosts) deal(commons);
    lookahead_ = sim::lookahead(network, lane_of_);
    if (lookahead_ < shortest_lookahead)
      obstacle_ = "a message may take only " + std::to_string(lookahead_.count()) + " ns from one host to another";
  }
}

// By site only if that makes windows much longer: neighbours in memory are then handled by several threads.
void LanePlan::deal(const Commons& commons) {
  const std::size_t lanes = std::min({commons.options.threads, commons.hosts.size(), maximum_lanes});
  lane_of_ = deal_hosts(commons.hosts.size(), first_hosts(commons.hosts), lanes);
  std::vector<LaneIndex> by_site = deal_sites(commons.network, lanes);
  if (!by_site.empty() && sim::lookahead(commons.network, by_site) >= 2 * sim::lookahead(commons.network, lane_of_))
    lane_of_ = std::move(by_site);
}

void deal(const Commons& commons, std::vector<Lane>& lanes, std::size_t count, std::span<const LaneIndex> before) {
  std::vector<Lane> dealt;
  dealt.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    Lane& lane = dealt.emplace_back(commons.options, static_cast<LaneIndex>(i));
    lane.now = lanes.front().now;
    lane.sent.resize(commons.hosts.population_count());
    lane.transcript.observe(lanes.front().transcript.observer(), lanes.front().transcript.shown());
    for (std::vector<Outbox>& outboxes : lane.outboxes) outboxes.resize(count > 1 ? count : 0);
    for (std::vector<StreamOutbox>& outboxes : lane.stream_outboxes) outboxes.resize(count > 1 ? count : 0);
  }
  StreamMoves streams(streams_of(lanes), before, streams_of(dealt), commons.lane_of);
  dealt.front().counters = lanes.front().counters;
  dealt.front().sent = std::move(lanes.front().sent);
  for (Lane& from : lanes) {
    const auto lane_for = [&](const Event& event) -> Lane& {
      return dealt[count == 1 ? 0 : commons.lane_of[event.destination]];
    };
    const auto moved = [&from, &streams](Event event, Lane& to) {
      switch (event.kind()) {
        case EventKind::timer:
          break;
        case EventKind::datagram:
        case EventKind::arrival:
          PEERBED_CONTRACT(!from.datagrams.has_envelopes(), "several lanes have no gateways");
          event.what = to.datagrams.take_over(from.datagrams.view(event), event.kind());
          break;
        case EventKind::content:
          event.what = Event::pack(EventKind::content, to.operations.take_over(from.operations, event.value()));
          break;
        case EventKind::segment:
        case EventKind::segment_arrival:
        case EventKind::stream_alarm:
        case EventKind::stream_ready:
          event.what = streams.move(event, from.index);
          break;
        default:
          PEERBED_CONTRACT(false, "several lanes share no links");
      }
      return event;
    };
    from.queue.for_each([&](const Event& event) {
      Lane& to = lane_for(event);
      to.queue.push(moved(event, to));
    });
    from.deferred.for_each([&](const Event& event) {
      Lane& to = lane_for(event);
      const bool is_datagram = event.kind() == EventKind::datagram;
      const std::size_t size =
          is_datagram ? from.datagrams.view(event).size() + commons.network.datagram_overhead() : 0;
      to.deferred.add(moved(event, to), size);
    });
  }
  lanes = std::move(dealt);
}

}  // namespace peerbed::sim
