#include "scenarios/ring_layout.h"

#include <algorithm>

#include "protocols/environment/random.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t key_purpose = 0x21D6;  // tell these draws from all others of the seed
constexpr std::uint64_t door_purpose = 0x21D7;
constexpr std::size_t doors_known = 4;  // members through which a node may join

}  // namespace

RingLayout::RingLayout(std::span<const GroupPlan> groups, std::uint64_t seed)
    : seed_(seed), groups_(groups.begin(), groups.end()) {
  std::set<ring::Key> taken;
  for (const GroupPlan& group : groups_)
    for (const ring::Key key : options_of(group).identifiers) taken.insert(key);
  for (const GroupPlan& group : groups_) place(group, taken);
  std::sort(established_.begin(), established_.end());
  if (established_.empty()) founder_ = contacts_.front().address;
}

ring::Node RingLayout::make(const GroupPlan& group, sim::NodeIndex node, std::uint32_t incarnation) const {
  const RingOptions& options = options_of(group);
  const ring::Contact self = contact_of(group, node);
  const bool coursework = options.options->profile == ring::Profile::coursework;
  if (group.start == StartMode::converged && incarnation == 0) {
    const auto place = static_cast<std::size_t>(std::lower_bound(established_.begin(), established_.end(), self) -
                                                established_.begin());
    if (!coursework) return ring::Node::converged(options.options, established_, place);
    const std::size_t count = established_.size();
    return ring::Node::coursework_init(options.options, self, established_[(place + 1) % count],
                                       established_[(place + 2) % count]);
  }
  const std::vector<ring::Contact> doors = doors_for(node, incarnation);
  if (coursework) return ring::Node::coursework_join(options.options, self, known_of(options, doors, self));
  std::vector<Address> addresses;
  for (const ring::Contact& door : doors) addresses.push_back(door.address);
  return ring::Node::joining(options.options, self.key, addresses);
}

void RingLayout::place(const GroupPlan& group, std::set<ring::Key>& taken) {
  const RingOptions& options = options_of(group);
  const ring::KeySpace space(options.options->key_bits);
  firsts_.emplace_back(group.first, contacts_.size());
  for (std::size_t i = 0; i < group.count; ++i) {
    const auto node = group.first + static_cast<sim::NodeIndex>(i);
    ring::Key key;
    if (!options.identifiers.empty()) {
      key = options.identifiers[i];
    } else {
      KeyedStream draws(key_of(seed_, key_purpose, node));
      do key = space.wrap(draws.next());
      while (!taken.insert(key).second);
    }
    contacts_.push_back({key, group.address_of(node)});
    if (group.start == StartMode::converged) established_.push_back(contacts_.back());
  }
}

ring::Contact RingLayout::contact_of(const GroupPlan& group, sim::NodeIndex node) const {
  for (const auto& [first, place] : firsts_)
    if (first == group.first) return contacts_[place + (node - first)];
  return {};
}

// Members that a node knows from outside, drawn anew for each of its processes. The first node of a ring that nobody
// has built knows none at its first start.
std::vector<ring::Contact> RingLayout::doors_for(sim::NodeIndex node, std::uint32_t incarnation) const {
  const Address self = groups_.front().address_of(node);
  if (self == founder_ && incarnation == 0) return {};
  std::vector<ring::Contact> doors;
  if (established_.empty() && incarnation == 0) doors.push_back(contacts_.front());
  const std::vector<ring::Contact>& known = established_.empty() ? contacts_ : established_;
  KeyedStream draws(key_of(seed_, door_purpose, node, incarnation));
  for (int tries = 0; tries < 64 && doors.size() < doors_known; ++tries) {
    const ring::Contact& door = known[draws.below(known.size())];
    if (door.address != self && std::find(doors.begin(), doors.end(), door) == doors.end()) doors.push_back(door);
  }
  return doors;
}

ring::Contact RingLayout::known_of(const RingOptions& options, const std::vector<ring::Contact>& doors,
                                   ring::Contact self) const {
  for (const ring::Contact& contact : contacts_)
    if (options.known == contact.key) return contact;
  return doors.empty() ? self : doors.front();
}

}  // namespace peerbed::scenarios
