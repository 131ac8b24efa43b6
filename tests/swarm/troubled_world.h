#pragma once
// A small swarm in a world of trouble that a seed draws: a network that loses, delays, doubles, reorders and corrupts,
// liars, and peers that crash, leave, return, pause and are cut off. For the first half of the time; then calm returns.

#include <cstdint>
#include <string>

#include "tests/swarm/swarm_world.h"

namespace peerbed::swarm {

struct Trouble {
  std::uint64_t seed = 1;
  std::size_t most_peers = 12;
  bool corrupts = false;  // it may, and some may lie
};

// What became of the downloads of such a world, and what was wrong with it.
struct Outcome {
  std::string world;  // in words
  std::string fault;  // the first one; nothing when there was none
  std::size_t wanted = 0;
  std::size_t done = 0;
  std::size_t failed = 0;
  std::string last_failure;  // what was printed of it
  bool is_mild = false;      // one in which every download is to be done in the end
};

Outcome live_through(const Trouble& trouble);

}  // namespace peerbed::swarm
