#include "scenarios/ring/ring_demands.h"

#include <algorithm>

#include "scenarios/ring/ring_promises.h"

namespace peerbed::scenarios {
namespace {

std::string flaw_of_successors(const RingMembers& members, std::size_t) {
  const std::size_t count = members.all().size();
  for (std::size_t i = 0; i < count && count > 1; ++i)
    if (members.place_of_best_successor(members.all()[i]) == count)
      return members.name_of(i) + " has no live successor in its list";
  return {};
}

std::string flaw_of_principals(const RingMembers& members, std::size_t list_length) {
  const std::size_t principals = count_principals(members);
  if (principals > list_length) return {};
  return std::to_string(principals) + " of " + std::to_string(members.all().size()) +
         " members are principal, fewer than " + std::to_string(list_length + 1);
}

std::string flaw_of_ideal(const RingMembers& members, std::size_t list_length) {
  const auto& all = members.all();
  const std::size_t others = all.size() - 1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const RingMember& member = all[i];
    const std::size_t wanted = std::min(list_length, others);
    for (std::size_t k = 0; k < wanted; ++k)
      if (k >= member.successors.size() || members.place_of(member.successors[k]) != (i + 1 + k) % all.size())
        return members.name_of(i) + " does not list the " + std::to_string(wanted) + " members after it";
    if (member.successors.size() > wanted) return members.name_of(i) + " lists more than the members after it";
    const bool is_right = member.predecessor && members.place_of(*member.predecessor) == (i + others) % all.size();
    if (others > 0 && !is_right) return members.name_of(i) + " does not take the member before it for its predecessor";
  }
  return {};
}

}  // namespace

const std::array<RingDemand, 3> ring_demands = {{{"every member has a live successor", flaw_of_successors},
                                                 {"enough principal members", flaw_of_principals},
                                                 {"the ring is ideal", flaw_of_ideal}}};

std::vector<std::string> names_of(std::span<const RingDemand> demands) {
  std::vector<std::string> names;
  for (const RingDemand& demand : demands) names.emplace_back(demand.property);
  return names;
}

void check_demands(const RingMembers& members, std::size_t list_length, CheckReport& report) {
  for (const RingDemand& demand : ring_demands) {
    if (!report.demands(demand.property)) continue;
    const std::string flaw = demand.flaw(members, list_length);
    report.expect(demand.property, flaw.empty(), [&] { return flaw; });
  }
}

}  // namespace peerbed::scenarios
