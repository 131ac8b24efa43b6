#include "tests/check/shipped/swarm_downloads.h"

#include "scenarios/swarm/checked_downloads.h"

namespace peerbed::check {

using scenarios::CheckedPeer;

NodeOptions<CheckedPeer> options_of(const SwarmDownload& download) {
  swarm::Options given;
  given.piece_size = swarm::smallest_piece;
  given.block_size = given.piece_size / download.blocks;
  const swarm::SharedOptions shared = scenarios::checked_options(given);
  const StoredContent film = scenarios::original_file(1, download.pieces * given.piece_size, given.piece_size);
  NodeOptions<CheckedPeer> options;
  const std::size_t nodes = download.sources + 1;
  CheckedPeer::Beginning beginning;
  for (std::uint32_t node = 0; node < nodes; ++node) {
    options.addresses.push_back(Address::ipv4(0x0A00'0001, 4000).plus(node));
    beginning.peers.push_back(options.addresses.back());
  }
  options.files.resize(nodes);
  options.liars.resize(nodes);
  for (NodeIndex node = 0; node < nodes; ++node) {
    (node == 0 ? beginning.wanted : beginning.added) = {"film"};
    (node == 0 ? beginning.added : beginning.wanted).clear();
    options.nodes.emplace_back(shared, beginning);
    if (node > 0) options.files[node] = {{"film", film}};
  }
  options.liars.back() = download.is_last_liar;
  for (NodeIndex node = 1; node <= nodes; ++node) options.started.push_back(node % static_cast<NodeIndex>(nodes));
  options.clock = download.fires > 0 ? Clock::hasty : Clock::patient;
  options.is_deadline.fill(download.fires == 0);
  options.ages_at_timers = options.draws_anew = true;
  options.age = scenarios::checked_age;
  options.budget.crash = download.crashes;
  options.budget.start = download.starts;
  options.budget.fire = download.fires;
  options.disks_take_time = download.disks_take_time;
  options.always = {{"no peer believes a wrong byte",
                     [originals = scenarios::OriginalFiles{{"film", film}}](const View<CheckedPeer>& view) {
                       return scenarios::wrong_bytes_in(view, originals).empty();
                     }}};
  options.ideal = [liars = options.liars](const View<CheckedPeer>& view) {
    return scenarios::unfinished_in(view, liars).empty();
  };
  return options;
}

NodeForm<CheckedPeer> download_form() {
  return {{.commands = false, .between_exchanges = false, .horizon = scenarios::checked_horizon}};
}

}  // namespace peerbed::check
