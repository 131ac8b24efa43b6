#include "sim/engine/commons.h"

#include "protocols/environment/random.h"

namespace peerbed::sim {

Commons::Commons(const WorldOptions& world_options)
    : options(world_options),
      random_key(key_of(options.seed, std::uint64_t{0})),
      network(key_of(options.seed, std::uint64_t{1}), options.family),
      disks(key_of(options.seed, std::uint64_t{3})),
      liars(options.seed) {}

}  // namespace peerbed::sim
