#include "scenarios/kademlia/kademlia_layout.h"

#include <algorithm>

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t table_purpose = 0x4AD0;  // tells these draws from all others of the seed

kademlia::Contact contact_at(const ring::Contact& place) {
  return {kademlia::expanded(place.key.value), place.address};
}

}  // namespace

KademliaLayout::KademliaLayout(std::span<const GroupPlan> groups, std::uint64_t seed)
    : seed_(seed), places_(std::make_shared<const RingLayout>(groups, seed)) {
  for (const ring::Contact& place : places_->everyone()) everyone_.push_back(contact_at(place));
  for (const ring::Contact& place : places_->established()) established_.push_back(contact_at(place));
}

kademlia::Node KademliaLayout::make_node(const GroupPlan& group, NodeIndex node, std::uint32_t incarnation) const {
  const auto& options = static_cast<const KademliaOptions&>(*group.options).options;
  const kademlia::Contact self = contact_at(places_->contact_of(group, node));
  if (group.is_established(node) && incarnation == 0) {
    const auto own = std::lower_bound(established_.begin(), established_.end(), self);
    const auto place = static_cast<std::size_t>(own - established_.begin());
    const KeyedStream draws(key_of(seed_, table_purpose, node));
    return kademlia::Node::converged(options, established_, place, draws);
  }
  std::vector<Address> bootstrap;
  for (const ring::Contact& known : places_->bootstrap_contacts(node, incarnation)) bootstrap.push_back(known.address);
  return kademlia::Node::joining(options, self.id, bootstrap);
}

// A node that is closer shares at least as many bits with the key as the owner does. Such nodes stand together.
std::optional<KademliaLayout::Rivals> KademliaLayout::rivals_of(std::uint64_t owner, std::uint64_t key) const {
  const auto begins_before = [](const kademlia::Contact& contact, std::uint64_t high) {
    return contact.id.high < high;
  };
  const auto own = std::lower_bound(everyone_.begin(), everyone_.end(), owner, begins_before);
  if (own == everyone_.end() || own->id.high != owner) return std::nullopt;
  const std::uint64_t apart = owner ^ key;
  const std::uint64_t after_prefix = apart == 0 ? 0 : UINT64_MAX >> std::countl_zero(apart);
  Rivals rivals{node_of(*own), {}};
  for (auto other = std::lower_bound(everyone_.begin(), everyone_.end(), key & ~after_prefix, begins_before);
       other != everyone_.end() && other->id.high <= (key | after_prefix); ++other)
    if ((other->id.high ^ key) < apart) rivals.closer.push_back(node_of(*other));
  return rivals;
}

}  // namespace peerbed::scenarios
