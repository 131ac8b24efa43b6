#include "scenarios/kademlia/kademlia_checks.h"

#include <algorithm>
#include <optional>
#include <set>

namespace peerbed::scenarios {
namespace {

std::string name_of(const KademliaMember& member) {
  return "node " + std::to_string(member.node) + " (" + kademlia::to_hex(member.contact.id) + ")";
}

bool is_well_formed(const kademlia::Node& node) {
  const auto buckets = node.table().buckets();
  for (unsigned i = 0; i < buckets.size(); ++i) {
    if (buckets[i].entries().size() > node.options().bucket_size) return false;
    if (buckets[i].replacements().size() > node.options().replacement_cache) return false;
    std::set<kademlia::Id> seen;
    for (const kademlia::Entry& entry : buckets[i].entries())
      if (kademlia::common_prefix(entry.contact.id, node.self()) != i || !seen.insert(entry.contact.id).second)
        return false;
  }
  return true;
}

// Whether there are members that share exactly `prefix` bits with this one.
bool has_subtree(const KademliaMembers& members, const kademlia::Id& self, unsigned prefix) {
  const kademlia::Id zeros{};
  const kademlia::Id ones{UINT64_MAX, UINT64_MAX, UINT32_MAX};
  const auto& all = members.all();
  const auto first =
      std::lower_bound(all.begin(), all.end(), kademlia::with_prefix_of(self, prefix, zeros),
                       [](const KademliaMember& member, const kademlia::Id& id) { return member.contact.id < id; });
  return first != all.end() && first->contact.id <= kademlia::with_prefix_of(self, prefix, ones);
}

std::optional<unsigned> unknown_subtree(const KademliaMembers& members, const KademliaMember& member) {
  const auto buckets = member.state->table().buckets();
  // Members share few bits: no subtree lies beyond what two neighbours in the order share.
  for (unsigned prefix = 0; prefix < 64; ++prefix) {
    if (!has_subtree(members, member.contact.id, prefix)) continue;
    const bool is_known =
        prefix < buckets.size() && std::any_of(buckets[prefix].entries().begin(), buckets[prefix].entries().end(),
                                               [&](const kademlia::Entry& entry) {
                                                 return members.place_of(entry.contact) < members.all().size();
                                               });
    if (!is_known) return prefix;
  }
  return std::nullopt;
}

}  // namespace

void check_tables(const KademliaMembers& members, CheckReport& report) {
  const auto& all = members.all();
  const auto wrong =
      std::find_if(all.begin(), all.end(), [](const KademliaMember& member) { return !is_well_formed(*member.state); });
  report.expect("routing tables are well-formed", wrong == all.end(), [&] {
    return name_of(*wrong) + " has a bucket that is too large, or holds a contact twice or out of its range";
  });
}

void check_subtrees(const KademliaMembers& members, CheckReport& report) {
  const KademliaMember* stranger = nullptr;
  std::optional<unsigned> prefix;
  for (const KademliaMember& member : members.all())
    if ((prefix = unknown_subtree(members, member))) {
      stranger = &member;
      break;
    }
  report.expect("every subtree is known", stranger == nullptr, [&] {
    return name_of(*stranger) + " knows none of the members that share exactly " + std::to_string(*prefix) +
           " bits with it";
  });
}

}  // namespace peerbed::scenarios
