#include "scenarios/ring/ring_checks.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace peerbed::scenarios {
namespace {

std::size_t next_place(const RingMembers& members, std::size_t index, std::size_t steps = 1) {
  return (index + steps) % members.all().size();
}

}  // namespace

void check_live_successors(const RingMembers& members, const RingPromises& promises, CheckReport& report) {
  const std::size_t count = members.all().size();
  if (count < 2 || !promises.invariant_may_hold()) return;
  std::optional<std::size_t> stranded;
  for (std::size_t i = 0; i < count && !stranded; ++i)
    if (members.place_of_best_successor(members.all()[i]) == count && promises.has_live_successor(members.all()[i].key))
      stranded = i;
  report.expect("every member has a live successor", !stranded,
                [&] { return members.name_of(*stranded) + " has no live successor in its list"; });
}

void check_principals(const RingMembers& members, const RingPromises& promises, CheckReport& report) {
  if (!promises.base_stands()) return;
  report.expect("enough principal members", promises.principals() >= promises.base(), [&] {
    return std::to_string(promises.principals()) + " of " + std::to_string(members.all().size()) +
           " members are principal, fewer than " + std::to_string(promises.base());
  });
}

void check_ring_order(const RingMembers& members, CheckReport& report) {
  const std::size_t count = members.all().size();
  std::optional<std::size_t> wrong;
  std::vector<bool> visited(count);
  std::size_t index = 0;
  for (std::size_t i = 0; i < count && index < count && !visited[index]; ++i) {
    visited[index] = true;
    index = members.place_of_best_successor(members.all()[index]);
  }
  const auto reached = static_cast<std::size_t>(std::count(visited.begin(), visited.end(), true));
  for (std::size_t i = 0; i < count && !wrong && count > 1; ++i)
    if (members.place_of_best_successor(members.all()[i]) != next_place(members, i)) wrong = i;
  report.expect("one cycle in the order of keys", !wrong, [&] {
    return members.name_of(*wrong) + " does not point to the next member, " +
           members.name_of(next_place(members, *wrong));
  });
  report.expect("no appendages", reached == count, [&] {
    return "the cycle of the first member reaches " + std::to_string(reached) + " of " + std::to_string(count) +
           " members";
  });
}

void check_membership(const RingMembers& members, const RingHistory& history, Time since, CheckReport& report) {
  std::vector<NodeIndex> judged;
  for (const NodeIndex node : members.outsiders())
    if (history.started(node) >= since) judged.push_back(node);
  check_outsiders(judged, members.all().size() + members.outsiders().size() - judged.size(), history, report);
}

void check_outsiders(std::span<const NodeIndex> outsiders, std::size_t members, const RingHistory& history,
                     CheckReport& report) {
  const auto kept_out = static_cast<std::size_t>(
      std::count_if(outsiders.begin(), outsiders.end(), [&](NodeIndex node) { return history.knows_a_member(node); }));
  report.expect("every running node is a member", kept_out == 0, [&] {
    return std::to_string(kept_out) + " of " + std::to_string(members + outsiders.size()) +
           " running nodes have not joined although they know a member";
  });
}

void check_successor_lists(const RingMembers& members, std::size_t list_length, CheckReport& report) {
  const std::size_t count = members.all().size();
  if (count < 2) return;
  const std::size_t wanted = std::min(list_length, count - 1);
  std::optional<std::size_t> wrong;
  for (std::size_t i = 0; i < count && !wrong; ++i) {
    const auto successors = members.all()[i].successors;
    if (successors.size() < wanted) wrong = i;
    for (std::size_t k = 0; k < wanted && !wrong; ++k)
      if (members.place_of(successors[k]) != next_place(members, i, k + 1)) wrong = i;
  }
  report.expect("successor lists are complete", !wrong, [&] {
    return members.name_of(*wrong) + " does not list the " + std::to_string(wanted) + " members after it";
  });
}

std::vector<ring::Key> lost_values(const RingMembers& members, const AcknowledgedValues& values) {
  std::map<ring::Key, ring::ValueStamp> newest;
  for (const RingMember& member : members.all())
    member.state->for_each_value([&](ring::Key key, const ring::ValueStamp& stamp) {
      ring::ValueStamp& held = newest[key];
      held = std::max(held, stamp);
    });
  std::vector<ring::Key> lost;
  for (const auto& [key, state] : values)
    if (const auto found = newest.find(key); found == newest.end() || found->second < state.stamp) lost.push_back(key);
  return lost;
}

void check_values_survive(const RingMembers& members, const AcknowledgedValues& values, CheckReport& report) {
  if (values.empty() || members.all().empty()) return;
  // A node that has just started may hold what it has yet to read.
  const auto has_read_disk = [](const RingMember& member) { return member.state->has_read_disk(); };
  if (!std::all_of(members.all().begin(), members.all().end(), has_read_disk)) return;
  const std::vector<ring::Key> lost = lost_values(members, values);
  report.expect("acknowledged values survive", lost.empty(), [&] {
    return std::to_string(lost.size()) + " of " + std::to_string(values.size()) +
           " values are held by no member, or only in an older version; the first is key " +
           std::to_string(lost.front().value);
  });
}

void check_placement(const RingMembers& members, const AcknowledgedValues& values, std::size_t replicas,
                     CheckReport& report) {
  const std::size_t count = members.all().size();
  if (values.empty() || count == 0) return;
  const std::size_t wanted = std::min(replicas, count);
  std::size_t incomplete = 0;
  std::optional<ring::Key> first;
  for (const auto& [key, state] : values) {
    const std::size_t owner = members.place_of_owner(key);
    std::size_t holders = 0;
    for (std::size_t k = 0; k < wanted; ++k)
      if (members.all()[next_place(members, owner, k)].state->holds(key) >= state.stamp) ++holders;
    if (holders == wanted) continue;
    if (!first) first = key;
    ++incomplete;
  }
  report.expect("values are where they belong", incomplete == 0, [&] {
    return std::to_string(incomplete) + " of " + std::to_string(values.size()) +
           " values are not at their owner and the " + std::to_string(wanted - 1) + " after it; the first is key " +
           std::to_string(first->value);
  });
}

}  // namespace peerbed::scenarios
