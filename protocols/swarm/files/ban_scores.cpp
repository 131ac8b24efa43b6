#include "protocols/swarm/files/ban_scores.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

bool BanScores::raise(Address peer, const Root& root, unsigned ban_after) {
  PEERBED_CONTRACT(ban_after > 0, "nobody is banned without an offence");
  auto score = std::find_if(scores_.begin(), scores_.end(),
                            [&](const Score& entry) { return entry.peer == peer && entry.root == root; });
  if (score == scores_.end()) {
    if (scores_.size() == maximum_ban_scores) scores_.erase(scores_.begin());
    scores_.push_back({.peer = peer, .root = root});
    score = scores_.end() - 1;
  }
  return ++score->offences == ban_after;
}

bool BanScores::has_banned(Address peer, const Root& root, unsigned ban_after) const noexcept {
  return std::any_of(scores_.begin(), scores_.end(), [&](const Score& score) {
    return score.peer == peer && score.root == root && score.offences >= ban_after;
  });
}

}  // namespace peerbed::swarm
