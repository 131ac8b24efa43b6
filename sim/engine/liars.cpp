#include "sim/engine/liars.h"

#include "protocols/environment/contract.h"
#include "protocols/environment/random.h"

namespace peerbed::sim {

void Liars::set(NodeIndex node, double probability) {
  PEERBED_CONTRACT(probability >= 0 && probability <= 1, "a probability is from 0 to 1");
  probabilities_[node] = probability;
}

std::uint64_t Liars::damage(NodeIndex node, std::uint64_t draw) const {
  const auto found = probabilities_.find(node);
  PEERBED_CONTRACT(found != probabilities_.end(), "a liar was made one");
  return to_unit(draw) < found->second ? mix(draw) | 1 : 0;
}

// The second words of the keys tell these draws from the others of the world's seed.
std::uint64_t Liars::damage_of_datagram(NodeIndex node, std::uint32_t sequence) const {
  return damage(node, key_of(seed_, std::uint64_t{2}, node, sequence));
}

std::uint64_t Liars::damage_of_content(NodeIndex node, std::uint32_t sequence) const {
  return damage(node, key_of(seed_, std::uint64_t{4}, node, sequence));
}

}  // namespace peerbed::sim
