#include "scenarios/coursework/coursework_check.h"

#include "protocols/coursework/node.h"
#include "scenarios/coursework/coursework_options.h"
#include "scenarios/ring/checked_ring.h"

namespace peerbed::scenarios {

std::unique_ptr<NodeCheck> coursework_check(std::span<const GroupPlan> groups, std::uint64_t seed,
                                            const CheckPlan& plan) {
  if (!plan.timers.empty()) chosen_names(plan.timers, {"ping"}, "timer");
  const auto layout = std::make_shared<const RingLayout>(groups, seed);
  const CheckedRing<coursework::Node> ring(layout, 2);
  auto check = std::make_unique<NodeCheckOf<coursework::Node>>(plan);
  ring.add_nodes(
      *check,
      [&](const GroupPlan& group, NodeIndex node) {
        const auto established = layout->established();
        const ring::Contact self = layout->contact_of(group, node);
        const std::size_t place = layout->place_in_established(self);
        auto peer = coursework::Node::established(coursework_options_of(group).options, self,
                                                  established[(place + 1) % established.size()],
                                                  established[(place + 2) % established.size()]);
        return peer;
      },
      [&](const GroupPlan& group, NodeIndex node, ring::Contact contact) {
        auto peer =
            coursework::Node::joining(coursework_options_of(group).options, layout->contact_of(group, node), contact);
        return peer;
      });
  const bool is_guarded = ring.guard(*check, plan.contract);
  ring.demand(*check, plan);
  // Predecessors are known from pings.
  check->options.settles_first = true;
  check->maintenance = {"ping"};
  check->assumptions = {"joins go through members", "no files"};
  if (is_guarded) check->assumptions.emplace_back("failures as Zave allows");
  check->still_options = {{"ping_interval", "1000h"}};
  return check;
}

}  // namespace peerbed::scenarios
