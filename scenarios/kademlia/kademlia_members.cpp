#include "scenarios/kademlia/kademlia_members.h"

#include <algorithm>

#include "scenarios/protocol/overlay_metrics.h"

namespace peerbed::scenarios {

KademliaMembers::KademliaMembers(const StateView& states, const KademliaLayout& layout) {
  for (const kademlia::Contact& contact : layout.everyone()) {
    const NodeIndex node = layout.node_of(contact);
    if (!states.is_up(node)) continue;
    const auto* const state = states.node<kademlia::Node>(node);
    if (state == nullptr)
      all_seen_ = false;
    else if (state->joined())
      all_.push_back({contact, node, state});
    else
      outsiders_.push_back(node);
  }
}

std::size_t KademliaMembers::place_of(const kademlia::Contact& contact) const {
  const auto found =
      std::lower_bound(all_.begin(), all_.end(), contact,
                       [](const KademliaMember& member, const auto& wanted) { return member.contact < wanted; });
  const bool is_member = found != all_.end() && found->contact == contact;
  return is_member ? static_cast<std::size_t>(found - all_.begin()) : all_.size();
}

std::size_t KademliaMembers::count_beyond(const kademlia::Id& id, unsigned prefix) const {
  const auto shares_less = [&id, prefix](const KademliaMember& member) {
    return kademlia::common_prefix(member.contact.id, id) < prefix;
  };
  const auto first = std::partition_point(all_.begin(), all_.end(), [&](const KademliaMember& member) {
    return member.contact.id < id && shares_less(member);
  });
  const auto last = std::partition_point(
      first, all_.end(), [&](const KademliaMember& member) { return member.contact.id <= id || !shares_less(member); });
  return static_cast<std::size_t>(last - first);
}

std::vector<std::pair<std::string, Unit>> KademliaMembers::metrics() {
  std::vector<std::pair<std::string, Unit>> names{{"kademlia.members", Unit::count},
                                                  {"kademlia.contacts.mean", Unit::none},
                                                  {"kademlia.dead_contacts.share", Unit::flag}};
  for (auto& name : overlay_metrics()) names.push_back(std::move(name));
  return names;
}

void KademliaMembers::measure(analysis::Metrics& metrics) const {
  std::vector<analysis::Edge> edges;
  std::size_t contacts = 0;
  for (std::size_t i = 0; i < all_.size(); ++i)
    for (const kademlia::Bucket& bucket : all_[i].state->table().buckets())
      for (const kademlia::Entry& entry : bucket.entries()) {
        ++contacts;
        if (const std::size_t place = place_of(entry.contact); place < all_.size())
          edges.emplace_back(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(place));
      }
  metrics.set("kademlia.members", all_.size());
  if (!all_.empty())
    metrics.set("kademlia.contacts.mean", static_cast<double>(contacts) / static_cast<double>(all_.size()), Unit::none);
  if (contacts > 0)
    metrics.set("kademlia.dead_contacts.share",
                static_cast<double>(contacts - edges.size()) / static_cast<double>(contacts), Unit::flag, Better::less);
  measure_overlay(all_.size(), edges, metrics);
}

}  // namespace peerbed::scenarios
