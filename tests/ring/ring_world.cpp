#include "tests/ring/ring_world.h"

#include <algorithm>
#include <set>

namespace peerbed::ring {

Options quick_options() {
  Options options;
  options.stabilize_period = std::chrono::seconds(1);
  options.check_predecessor_period = std::chrono::seconds(1);
  options.fix_finger_period = std::chrono::seconds(1);
  options.repair_period = std::chrono::seconds(2);
  options.rpc_timeout = std::chrono::milliseconds(200);
  options.hop_timeout = std::chrono::milliseconds(200);
  return options;
}

RingWorld::RingWorld(Options options, std::size_t count, std::size_t settled, std::uint64_t seed)
    : options_(options), world_(sim::WorldOptions{.seed = seed}) {
  const KeySpace space(options.key_bits);
  std::set<Key> taken;
  for (NodeIndex i = 0; i < count; ++i) {
    Key key = space.wrap(key_of(seed, 77, i));
    while (!taken.insert(key).second) key = space.wrap(key.value + 1);  // in a small ring draws collide
    contacts_.push_back({key, sim::address_of(i)});
  }
  const auto shared = std::make_shared<const Options>(options);
  auto members = std::make_shared<std::vector<Contact>>(contacts_.begin(), contacts_.begin() + settled);
  std::sort(members->begin(), members->end());
  world_.add_population<Node>(count, [=, contacts = contacts_, founding = founding_](NodeIndex index) {
    const Contact self = contacts[index];
    if (index < settled && *founding) {
      const auto place = std::lower_bound(members->begin(), members->end(), self);
      return Node::converged(shared, *members, static_cast<std::size_t>(place - members->begin()));
    }
    const Address bootstrap[] = {contacts[index == 0 ? 1 : 0].address, contacts[index == 2 ? 1 : 2].address};
    return Node::joining(shared, self.key, bootstrap);
  });
  world_.observe(&journal_);
  set_network(std::chrono::milliseconds(20));
}

void RingWorld::set_network(Duration latency, double loss) {
  sim::PathConditions path;
  path.latency = sim::LatencyModel::uniform(latency / 2, latency * 3 / 2);
  path.loss = sim::LossModel::independent(loss);
  world_.network().set_default(path);
}

void RingWorld::start_all() {
  for (NodeIndex i = 0; i < contacts_.size(); ++i) world_.start(i);
}

std::vector<Contact> RingWorld::live_members() const {
  std::vector<Contact> members;
  for (NodeIndex i = 0; i < contacts_.size(); ++i)
    if (lives(i) && node(i).joined()) members.push_back(contacts_[i]);
  std::sort(members.begin(), members.end());
  return members;
}

std::string RingWorld::flaw() const {
  const std::vector<Contact> members = live_members();
  for (NodeIndex i = 0; i < contacts_.size(); ++i)
    if (lives(i) && !node(i).joined()) return "host " + std::to_string(i) + " is not a member";
  const std::size_t depth = std::min(options_.successor_list_length, members.size() - 1);
  for (std::size_t m = 0; m < members.size(); ++m) {
    const NodeIndex host = sim::node_at(members[m].address);
    const auto successors = node(host).successors();
    const std::string name = "host " + std::to_string(host);
    if (successors.size() != depth)
      return name + " lists " + std::to_string(successors.size()) + " of " + std::to_string(depth) + " successors";
    for (std::size_t i = 0; i < depth; ++i)
      if (successors[i] != members[(m + 1 + i) % members.size()])
        return name + " has a wrong successor " + std::to_string(i);
    if (depth > 0 && node(host).predecessor() != members[(m + members.size() - 1) % members.size()])
      return name + " has a wrong predecessor";
  }
  return "";
}

std::string RingWorld::broken_invariant() const {
  const std::vector<Contact> members = live_members();
  const auto is_live = [&](Contact contact) { return std::binary_search(members.begin(), members.end(), contact); };
  std::size_t principals = 0;
  for (const Contact member : members) {
    const auto successors = node(sim::node_at(member.address)).successors();
    if (std::none_of(successors.begin(), successors.end(), is_live))
      return "host " + std::to_string(sim::node_at(member.address)) + " has no live successor";
    const bool skipped = std::any_of(members.begin(), members.end(), [&](Contact other) {
      Contact last = other;
      for (const Contact next : node(sim::node_at(other.address)).successors()) {
        if (between(last.key, member.key, next.key)) return true;
        last = next;
      }
      return false;
    });
    if (!skipped) ++principals;
  }
  const bool enough = principals > options_.successor_list_length;
  return enough ? "" : "there are only " + std::to_string(principals) + " principals";
}

std::size_t RingWorld::holders(Key key) const {
  std::size_t count = 0;
  for (NodeIndex i = 0; i < contacts_.size(); ++i)
    if (lives(i) && node(i).holds(key)) ++count;
  return count;
}

NodeIndex RingWorld::owner(Key key) const {
  const std::vector<Contact> members = live_members();
  const auto place = std::lower_bound(members.begin(), members.end(), Contact{key, Address{}});
  return sim::node_at((place == members.end() ? members.front() : *place).address);
}

}  // namespace peerbed::ring
