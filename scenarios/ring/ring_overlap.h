#pragma once
// Whether two members claim the same keys. While they do, what one acknowledges the other may not know.

#include <map>

#include "protocols/environment/time.h"
#include "protocols/ring/base/options.h"
#include "scenarios/ring/ring_members.h"

namespace peerbed::scenarios {

// A newcomer's keys are its successor's, too, until that one has been notified. That takes a stabilization or two;
// where it lasts longer, as in a ring that a crowd has just joined or that was divided, ownership is in dispute.
class RingOverlap {
 public:
  explicit RingOverlap(const ring::Options& options)
      : patience_(3 * options.stabilize_period), aftermath_(2 * options.repair_period) {}

  void look(Time now, const RingMembers& members);
  // Ownership is in dispute, or was so lately that values may yet be on their way to their owners.
  bool disturbs(Time now) const noexcept { return disputed_ && now - *disputed_ <= aftermath_; }

 private:
  Duration patience_;
  Duration aftermath_;
  std::map<NodeIndex, Time> overlooked_since_;  // members whose successor has another predecessor, before them
  std::optional<Time> disputed_;
};

}  // namespace peerbed::scenarios
