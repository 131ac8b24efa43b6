#pragma once
// Peers of the swarm that fetch one file as a system to explore. The first node fetches; the others offer it.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "check/nodes/node_form.h"
#include "check/nodes/node_system.h"
#include "scenarios/swarm/checked_peer.h"

namespace peerbed::check {

struct SwarmDownload {
  std::size_t sources = 2;
  std::uint64_t pieces = 2;
  std::uint32_t blocks = 1;  // of a piece
  std::uint8_t crashes = 0;
  std::uint8_t starts = 0;
  std::uint8_t fires = 0;  // timers that fire while something is under way
  bool is_last_liar = false;
  bool disks_take_time = false;
};

using DownloadSystem = NodeSystem<scenarios::CheckedPeer, NodeForm<scenarios::CheckedPeer>>;

NodeOptions<scenarios::CheckedPeer> options_of(const SwarmDownload& download);
NodeForm<scenarios::CheckedPeer> download_form();

}  // namespace peerbed::check
