#include "tests/swarm/swarm_world.h"

#include <algorithm>

namespace peerbed::swarm {

bool Journal::has_line(NodeIndex node, std::string_view part) const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const Line& line) { return line.node == node && line.text.find(part) != std::string::npos; });
}

SwarmWorld::SwarmWorld(const Options& options, const SwarmShape& shape)
    : trackers_(shape.trackers), world_(sim::WorldOptions{.seed = shape.seed}) {
  const auto shared = std::make_shared<const Options>(options);
  std::vector<Address> trackers;
  for (std::size_t i = 0; i < shape.trackers; ++i) trackers.push_back(sim::address_of(tracker(i)));
  world_.add_population<Tracker>(shape.trackers, [shared](NodeIndex) { return Tracker(shared); });
  world_.add_population<Peer>(shape.peers, [=](NodeIndex) { return Peer::make(shared, trackers); });
  sim::PathConditions path;
  path.latency = sim::LatencyModel::constant(shape.latency);
  world_.network().set_default(path);
  world_.observe(&journal_);
}

void SwarmWorld::start_all() {
  for (NodeIndex node = 0; node < world_.size(); ++node) world_.start(node);
}

namespace {

// A link carries 1500 bytes for 1460 of payload; its queue holds a tenth of a second.
sim::LinkLimit link_for(std::uint64_t bytes_per_second) {
  const std::uint64_t on_the_wire = bytes_per_second * 1500 / 1460;
  return {{8 * on_the_wire}, std::max<std::uint64_t>(on_the_wire / 10, 262'144)};
}

}  // namespace

void SwarmWorld::set_upload(std::size_t peer_index, std::uint64_t bytes_per_second) {
  world_.network().set_uplink(peer(peer_index), link_for(bytes_per_second));
}

void SwarmWorld::set_download(std::size_t peer_index, std::uint64_t bytes_per_second) {
  world_.network().set_downlink(peer(peer_index), link_for(bytes_per_second));
}

void SwarmWorld::give(std::size_t peer_index, std::string_view name, std::uint64_t size, std::uint64_t seed) {
  world_.put_file(peer(peer_index), name, seed, size);
  command(peer_index, "ADD " + std::string(name));
}

bool SwarmWorld::is_complete(std::size_t peer_index, std::string_view name) const {
  const SharedFile* file = peer_node(peer_index).file(name);
  return file != nullptr && file->state == SharedFile::State::complete;
}

}  // namespace peerbed::swarm
