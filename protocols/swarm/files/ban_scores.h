#pragma once
// Who sent pieces of a file that failed their hash. What such a peer sends of other files may be right: a file can
// change on its disk without its knowing. At most maximum_ban_scores; the oldest is forgotten.

#include <tuple>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/swarm/base/manifest.h"

namespace peerbed::swarm {

constexpr std::size_t maximum_ban_scores = 256;

class BanScores {
 public:
  // One offence more. Returns whether the peer is banned from now on, after `ban_after` offences.
  [[nodiscard]] bool raise(Address peer, const Root& root, unsigned ban_after);
  bool has_banned(Address peer, const Root& root, unsigned ban_after) const noexcept;

  std::size_t size() const noexcept { return scores_.size(); }
  auto fields() const { return std::tie(scores_); }

 private:
  struct Score {
    Address peer{};
    Root root{};
    unsigned offences = 0;
    auto fields() const { return std::tie(peer, root, offences); }
  };

  std::vector<Score> scores_;  // by their first offence
};

}  // namespace peerbed::swarm
