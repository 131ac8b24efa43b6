#include "tests/check/shipped/swarm_sessions.h"

#include <algorithm>

namespace peerbed::check {
namespace {

using SwarmView = View<SwarmNode>;

std::vector<Address> addresses_of(std::size_t nodes) {
  std::vector<Address> addresses;
  for (std::uint32_t i = 0; i < nodes; ++i) addresses.push_back(Address::ipv4(0x0A00'0001, 4000).plus(i));
  return addresses;
}

bool lists(const swarm::PeerList& list, Address peer) { return list.contains(peer); }
bool lists(const swarm::Tracker& tracker, Address peer) { return tracker.lists(peer); }

// Whether it lists those peers that should be, of all nodes but its own.
template <class List, class ShouldList>
bool is_right(const List& list, const std::vector<Address>& addresses, NodeIndex self, const ShouldList& should_list) {
  for (NodeIndex node = 1; node < addresses.size(); ++node)
    if (node != self && lists(list, addresses[node]) != should_list(node)) return false;
  return !lists(list, addresses[0]) && !lists(list, addresses[self]);
}

// A peer that has come as far as the tracker lists the same peers.
bool lists_are_right(const SwarmView& view, const std::vector<Address>& addresses) {
  if (!view.runs(0)) return true;
  const swarm::Tracker& tracker = *view.node(0).tracker();
  for (NodeIndex node = 1; node < view.size(); ++node) {
    if (!view.runs(node)) continue;
    const swarm::PeerList& list = view.node(node).peer()->list();
    const auto& [self, limit, trackers, entries] = list.fields();
    if (trackers[0].held != tracker.version() || trackers[0].paging) continue;
    if (!is_right(list, addresses, node, [&](NodeIndex other) { return tracker.lists(addresses[other]); }))
      return false;
  }
  return true;
}

// The tracker lists the peers that run, and so does each of them.
bool is_ideal(const SwarmView& view, const std::vector<Address>& addresses) {
  if (!view.runs(0)) return true;
  const auto runs = [&](NodeIndex node) { return view.runs(node); };
  if (!is_right(*view.node(0).tracker(), addresses, 0, runs)) return false;
  for (NodeIndex node = 1; node < view.size(); ++node)
    if (runs(node) && !is_right(view.node(node).peer()->list(), addresses, node, runs)) return false;
  return true;
}

}  // namespace

NodeOptions<SwarmNode> options_of(const SwarmSessions& sessions) {
  swarm::Options shared;
  shared.missed_heartbeats = 1;
  const auto swarm_options = std::make_shared<const swarm::Options>(shared);
  NodeOptions<SwarmNode> options;
  options.addresses = addresses_of(sessions.peers + 1);
  options.nodes.emplace_back(swarm::Tracker(swarm_options));
  for (std::size_t i = 0; i < sessions.peers; ++i)
    options.nodes.emplace_back(swarm::Peer::make(swarm_options, std::span(options.addresses).first(1)));
  for (NodeIndex node = 0; node <= sessions.peers; ++node) options.started.push_back(node);
  // Each life of a tracker is an epoch of its own.
  options.names_questions = options.draws_anew = true;
  options.messages_outpace_periods = options.ages_at_timers = true;
  // Heartbeats go out, and peers enrol again, when nothing is under way: so silence means death.
  static_assert(swarm::Tracker::heartbeat_timer == static_cast<TimerId>(swarm::tracker_timer));
  options.is_deadline[swarm::Tracker::heartbeat_timer] = true;
  options.budget.crash = sessions.crashes;
  options.budget.start = sessions.starts;
  options.budget.drop = sessions.drops;
  options.budget.duplicate = sessions.duplicates;
  options.always = {
      {"who has come as far as the tracker lists the same peers",
       [addresses = options.addresses](const SwarmView& view) { return lists_are_right(view, addresses); }}};
  options.ideal = [addresses = options.addresses](const SwarmView& view) { return is_ideal(view, addresses); };
  return options;
}

}  // namespace peerbed::check
