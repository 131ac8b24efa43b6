#include "scenarios/ring/ring_overlap.h"

namespace peerbed::scenarios {

void RingOverlap::look(Time now, const RingMembers& members) {
  std::map<NodeIndex, Time> overlooked;
  const std::size_t count = members.all().size();
  for (std::size_t i = 0; i < count && count > 1; ++i) {
    const RingMember& member = members.all()[i];
    const RingMember& next = members.all()[(i + 1) % count];
    const auto predecessor = next.predecessor;
    if (predecessor && !ring::between(predecessor->key, member.key, next.key)) continue;
    const auto since = overlooked_since_.find(member.node);
    const Time begun = since == overlooked_since_.end() ? now : since->second;
    overlooked.emplace(member.node, begun);
    if (now - begun > patience_) disputed_ = now;
  }
  overlooked_since_ = std::move(overlooked);
}

}  // namespace peerbed::scenarios
