#include "scenarios/ring_checks.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace peerbed::scenarios {
namespace {

// Counts for each member how many pairs of neighbouring list entries pass over it, by differences at the ends of arcs.
class SkipCounter {
 public:
  explicit SkipCounter(const RingMembers& members) : members_(members), difference_(members.all().size() + 1) {}

  // Every member strictly between the two, clockwise, is passed over.
  void skip_between(ring::Key from, ring::Key to) {
    if (from < to) return add(first_after(from), first_at_or_after(to));
    add(first_after(from), members_.all().size());
    add(0, first_at_or_after(to));
  }
  std::size_t untouched() const {
    std::int64_t depth = 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < difference_.size(); ++i) {
      depth += difference_[i];
      if (depth == 0) ++count;
    }
    return count;
  }

 private:
  std::size_t first_at_or_after(ring::Key key) const {
    const auto& all = members_.all();
    return static_cast<std::size_t>(
        std::lower_bound(all.begin(), all.end(), key,
                         [](const RingMember& member, ring::Key wanted) { return member.key < wanted; }) -
        all.begin());
  }
  std::size_t first_after(ring::Key key) const {
    const std::size_t place = first_at_or_after(key);
    return place < members_.all().size() && members_.all()[place].key == key ? place + 1 : place;
  }
  void add(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    ++difference_[begin];
    --difference_[end];
  }

  const RingMembers& members_;
  std::vector<std::int64_t> difference_;
};

std::size_t next_place(const RingMembers& members, std::size_t place, std::size_t steps = 1) {
  return (place + steps) % members.all().size();
}

}  // namespace

std::size_t count_principals(const RingMembers& members) {
  SkipCounter counter(members);
  for (const RingMember& member : members.all()) {
    ring::Key before = member.key;
    for (const ring::Contact& successor : member.state->successors()) {
      counter.skip_between(before, successor.key);
      before = successor.key;
    }
  }
  return counter.untouched();
}

void check_zave_invariant(const RingMembers& members, std::size_t list_length, CheckReport& report) {
  const std::size_t count = members.all().size();
  if (count < 2) return;
  std::optional<std::size_t> stranded;
  for (std::size_t i = 0; i < count && !stranded; ++i)
    if (members.place_of_best_successor(members.all()[i]) == count) stranded = i;
  report.expect("every member has a live successor", !stranded,
                [&] { return members.name_of(*stranded) + " has no live successor in its list"; });
  // The proof is for rings of at least the base size, and for failure detectors that are right.
  const std::size_t base = list_length + 1;
  if (count < base || !report.silence_means_death()) return;
  const std::size_t principals = count_principals(members);
  report.expect("enough principal members", principals >= base, [&] {
    return std::to_string(principals) + " of " + std::to_string(count) + " members are principal, fewer than " +
           std::to_string(base);
  });
}

void check_ring_order(const RingMembers& members, CheckReport& report) {
  const std::size_t count = members.all().size();
  std::optional<std::size_t> wrong;
  std::vector<bool> visited(count);
  std::size_t place = 0;
  for (std::size_t i = 0; i < count && place < count && !visited[place]; ++i) {
    visited[place] = true;
    place = members.place_of_best_successor(members.all()[place]);
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
  report.expect("every running node is a member", count == members.running(), [&] {
    return std::to_string(members.running() - count) + " of " + std::to_string(members.running()) +
           " running nodes have not joined";
  });
}

void check_successor_lists(const RingMembers& members, std::size_t list_length, CheckReport& report) {
  const std::size_t count = members.all().size();
  if (count < 2) return;
  const std::size_t wanted = std::min(list_length, count - 1);
  std::optional<std::size_t> wrong;
  for (std::size_t i = 0; i < count && !wrong; ++i) {
    const auto successors = members.all()[i].state->successors();
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
           " are held by no member, or only in an older state, the first of them key " +
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
    return std::to_string(incomplete) + " of " + std::to_string(values.size()) + " are not with their owner and the " +
           std::to_string(wanted - 1) + " after it, the first of them key " + std::to_string(first->value);
  });
}

}  // namespace peerbed::scenarios
