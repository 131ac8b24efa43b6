#include "protocols/swarm/base/options.h"

#include <bit>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

void check(const Options& options) noexcept {
  PEERBED_CONTRACT(options.missed_heartbeats >= 1 && options.missed_heartbeats <= 16, "1 to 16 heartbeats are missed");
  PEERBED_CONTRACT(options.heartbeat_interval.count() > 0 && options.heartbeat_timeout.count() > 0,
                   "heartbeats take time");
  PEERBED_CONTRACT(std::has_single_bit(options.piece_size) && options.piece_size >= smallest_piece &&
                       options.piece_size <= largest_piece,
                   "a piece has 16 KiB to 4 MiB, a power of two");
  PEERBED_CONTRACT(std::has_single_bit(options.block_size) && options.block_size >= smallest_block &&
                       options.block_size <= largest_block,
                   "a block has 4 KiB to 1 MiB, a power of two");
  PEERBED_CONTRACT(options.least_outstanding >= 1 && options.most_outstanding >= options.least_outstanding &&
                       options.most_outstanding <= maximum_requests,
                   "1 to 1024 blocks are asked of a source at once");
  PEERBED_CONTRACT(options.maximum_connections >= 1 && options.maximum_connections <= 4096, "1 to 4096 connections");
  PEERBED_CONTRACT(options.upload_slots >= 1 && options.ask_batch >= 1, "somebody is served, somebody is asked");
  PEERBED_CONTRACT(options.endgame_copies >= 1 && options.endgame_copies <= 4, "a block is asked of 1 to 4 sources");
  PEERBED_CONTRACT(options.ban_after >= 1, "a conviction comes before a ban");
}

}  // namespace peerbed::swarm
