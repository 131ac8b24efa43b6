#include "scenarios/ring/ring_layout.h"

#include <algorithm>
#include <functional>

#include "protocols/environment/random.h"
#include "protocols/ring/membership/bootstrap.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t key_purpose = 0x21D6;  // tell these draws from all others of the seed
constexpr std::uint64_t bootstrap_purpose = 0x21D7;

// So many different ones of `count`, in an order of chance, and never `self`.
std::vector<ring::Contact> drawn(std::size_t count, const std::function<ring::Contact(std::size_t)>& at, Address self,
                                 std::size_t wanted, KeyedStream& draws) {
  std::vector<ring::Contact> chosen;
  const auto take = [&](const ring::Contact& contact) {
    if (contact.address != self && std::find(chosen.begin(), chosen.end(), contact) == chosen.end())
      chosen.push_back(contact);
  };
  if (count <= 8 * wanted) {
    std::vector<ring::Contact> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(at(i));
    for (std::size_t i = 0; i < count && chosen.size() < wanted; ++i) {
      std::swap(all[i], all[i + draws.below(count - i)]);
      take(all[i]);
    }
  } else {
    while (chosen.size() < wanted) take(at(draws.below(count)));
  }
  return chosen;
}

}  // namespace

RingLayout::RingLayout(std::span<const GroupPlan> groups, std::uint64_t seed)
    : seed_(seed), groups_(groups.begin(), groups.end()) {
  std::set<ring::Key> taken;
  for (const GroupPlan& group : groups_)
    for (const ring::Key key : places_of(group).identifiers) taken.insert(key);
  for (const GroupPlan& group : groups_) place(group, taken);
  if (possible_members_.size() == contacts_.size()) possible_members_.clear();
  std::sort(established_.begin(), established_.end());
  if (established_.empty()) founder_ = first_of_all();
  if (established_.size() == contacts_.size()) return;
  everyone_ = contacts_;
  std::sort(everyone_.begin(), everyone_.end());
}

std::size_t RingLayout::place_in_established(const ring::Contact& contact) const noexcept {
  return static_cast<std::size_t>(std::lower_bound(established_.begin(), established_.end(), contact) -
                                  established_.begin());
}

void RingLayout::place(const GroupPlan& group, std::set<ring::Key>& taken) {
  const RingPlaces& places = places_of(group);
  const ring::KeySpace space(places.key_bits);
  firsts_.emplace_back(group.first, contacts_.size());
  for (std::size_t i = 0; i < group.count; ++i) {
    const auto node = group.first + static_cast<NodeIndex>(i);
    ring::Key key;
    if (!places.identifiers.empty()) {
      key = places.identifiers[i];
    } else {
      KeyedStream draws(key_of(seed_, key_purpose, node));
      do key = space.wrap(draws.next());
      while (!taken.insert(key).second);
    }
    contacts_.push_back({key, group.address_of(node)});
    if (is_established(group, node)) established_.push_back(contacts_.back());
    if (!are_guests(group)) possible_members_.push_back(contacts_.back());
  }
}

ring::Contact RingLayout::first_of_all() const {
  for (const GroupPlan& group : groups_)
    if (group.founder) return contact_of(group_of(*group.founder), *group.founder);
  return possible_members_.empty() ? contacts_.front() : possible_members_.front();
}

ring::Contact RingLayout::contact_of(const GroupPlan& group, NodeIndex node) const {
  for (const auto& [first, index] : firsts_)
    if (first == group.first) return contacts_[index + (node - first)];
  return {};
}

// The founder of a ring that nobody has built begins it, and those that come after it know it. Who was told to know
// itself alone knows nobody at its first start, and later those whom it would know without being told.
std::vector<ring::Contact> RingLayout::bootstrap_contacts(NodeIndex node, std::uint32_t incarnation) const {
  const GroupPlan& group = group_of(node);
  const Address self = group.address_of(node);
  if (self == founder_.address && incarnation == 0) return {};
  KeyedStream draws(key_of(seed_, bootstrap_purpose, node, incarnation));
  if (const std::vector<NodeIndex>& told = group.bootstrap.nodes; !told.empty()) {
    const auto contact = [&](std::size_t i) { return contact_of(group_of(told[i]), told[i]); };
    const std::size_t wanted = std::min(group.bootstrap.count, ring::maximum_bootstrap);
    std::vector<ring::Contact> bootstrap = drawn(told.size(), contact, self, wanted, draws);
    if (!bootstrap.empty() || incarnation == 0) return bootstrap;
  }
  const std::vector<ring::Contact>& known = !established_.empty()        ? established_
                                            : !possible_members_.empty() ? possible_members_
                                                                         : contacts_;
  std::vector<ring::Contact> bootstrap = drawn(
      known.size(), [&](std::size_t i) { return known[i]; }, self,
      std::min(group.bootstrap.count, ring::maximum_bootstrap), draws);
  if (established_.empty() && incarnation == 0) {
    std::erase(bootstrap, founder_);
    bootstrap.insert(bootstrap.begin(), founder_);
    bootstrap.resize(std::min(bootstrap.size(), ring::maximum_bootstrap));
  }
  return bootstrap;
}

const GroupPlan& RingLayout::group_of(NodeIndex node) const {
  const auto has = [node](const GroupPlan& group) { return node >= group.first && node - group.first < group.count; };
  return *std::find_if(groups_.begin(), groups_.end(), has);
}

Value identifiers_of(std::span<const GroupPlan> groups, std::size_t group, std::uint64_t seed) {
  const RingLayout layout(groups, seed);
  std::vector<Value> keys;
  for (std::size_t i = 0; i < groups[group].count; ++i) {
    const auto node = groups[group].first + static_cast<NodeIndex>(i);
    keys.push_back(scalar_value(std::to_string(layout.contact_of(groups[group], node).key.value)));
  }
  return sequence_value(std::move(keys));
}

}  // namespace peerbed::scenarios
